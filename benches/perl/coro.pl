# One feeder, many workers, one collector (the main coro), two channels.
use Coro;
use Coro::Channel;

measure sub {
    # Coro counts the item whose put waits, too.
    my $todo = new Coro::Channel $capacity + 1;
    my $done = new Coro::Channel $capacity + 1;
    my @coros = map {
        async {
            while (defined (my $job = $todo->get)) {
                $done->put ([$job, work $job]);
            }
        }
    } 1 .. $workers;
    push @coros, async {
        $todo->put ($_) for 0 .. $count - 1;
        $todo->shutdown;
    };
    my @product;
    my $size = $n * $n / $count;    # numbers in a result
    for (1 .. $count) {
        my ($job, @values) = @{ $done->get };
        @product[$job * $size .. ($job + 1) * $size - 1] = @values;
    }
    $_->join for @coros;
    \@product;
};
