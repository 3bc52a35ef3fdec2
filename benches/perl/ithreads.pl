# One feeder, many workers, one collector (the main thread), two queues. The matrices are plain data, which each
# thread has as a copy of its own: faster than shared variables, for these are locked at every access. The queues have
# no limit: with that of the others ($capacity) the elements take half as long again, and what is compared is the best
# that ithreads can do.
use threads;
use Thread::Queue;

measure sub {
    my $todo = Thread::Queue->new;
    my $done = Thread::Queue->new;
    my @threads = map {
        threads->create (sub {
            while (defined (my $job = $todo->dequeue)) {
                # A string: a reference would be cloned into shared memory, element by element.
                $done->enqueue (pack "Ld*", $job, work $job);
            }
            return;
        })
    } 1 .. $workers;
    push @threads, threads->create (sub {
        $todo->enqueue ($_) for 0 .. $count - 1;
        $todo->end;
        return;
    });
    my @product;
    my $size = $n * $n / $count;    # numbers in a result
    for (1 .. $count) {
        my ($job, @values) = unpack "Ld*", $done->dequeue;
        @product[$job * $size .. ($job + 1) * $size - 1] = @values;
    }
    $_->join for @threads;
    \@product;
};
