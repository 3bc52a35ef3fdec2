# The workloads by Perl's Coro. It answers on its standard output what it is asked on its standard input, one a line:
# `run WORKLOAD OPS` by `took OPS NANOSECONDS` or `none`; `block COUNT` by `blocked COUNT`, and the line after that by
# `ended`.
#
# - A permit is held by a guard of Coro::Semaphore.
# - A channel for so many values has one more in its constructor, as Coro::Channel's manual has it.
# - A coro that is spawned and waited for is one of async_pool, which the manual recommends where many follow each
#   other. It may not be joined: it ups a semaphore. 10 000 at a time are more than its pool is for: async, and join.
# - What is spawned closes over nothing: a closure costs more than the coro.
# - A variable of a coro is a key in %$Coro::current, which Coro::Specific's manual recommends as the faster way.
# - There is nothing for two OS threads.
use strict;
use warnings;
use Coro;
use Coro::Channel;
use Coro::RWLock;
use Coro::Semaphore;
use Coro::Signal;
use POSIX qw(ceil);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# How many coros contend for one thing.
my $crowd = 100;

my %workloads = (
    yield2 => sub { yields (2, sub { cede for 1 .. $_[0] }, @_) },
    yield2_deep => sub { yields (2, sub { outer_yield () for 1 .. $_[0] }, @_) },
    yield1000 => sub { yields (1000, sub { cede for 1 .. $_[0] }, @_) },
    yield100k => sub { yields (100_000, sub { cede for 1 .. $_[0] }, @_) },
    spawn_join => \&spawn_join,
    spawn_batch => \&spawn_batch,
    sem_uncontended => \&sem_uncontended,
    sem_pingpong => \&sem_pingpong,
    sem_pingpong_deep => \&sem_pingpong_deep,
    sem_contended => \&sem_contended,
    chan_pingpong => \&chan_pingpong,
    chan_pingpong_deep => \&chan_pingpong_deep,
    chan_stream => sub { chan_flow (1, @_) },
    chan_mpmc => sub { chan_flow (8, @_) },
    rw_read_uncontended => \&rw_read_uncontended,
    rw_contended => \&rw_contended,
    notify_broadcast => \&notify_broadcast,
    local_get => \&local_get,
    matmul_elem => sub { matmul (1, @_) },
    matmul_row => sub { matmul (0, @_) },
);

sub now { clock_gettime CLOCK_MONOTONIC }

sub sum_below { $_[0] * ($_[0] - 1) / 2 }

# Measures from here to the end of these coros, none of which has run yet. Like all workloads, returns the operations
# and the seconds.
sub clock_to_end {
    my ($ops, @coros) = @_;
    my $start = now;
    $_->join for @coros;
    ($ops, now () - $start);
}

sub inner_yield { cede; 1 }
sub outer_yield { inner_yield (); 1 }

# Once all have begun, main waits and is no more in the queue; the last to have yielded so often stops the clock.
sub yields {
    my ($tasks, $run, $ops) = @_;
    my $rounds = ceil $ops / $tasks;
    my $yielding = $tasks;
    my $end;
    my @coros = map {
        async {
            $run->($rounds);
            $end = now unless --$yielding;
            cede;
        }
    } 1 .. $tasks;
    cede;    # to their beginning
    my $start = now;
    $_->join for @coros;
    ($rounds * $tasks, $end - $start);
}

sub spawn_join {
    my ($ops) = @_;
    my $ended = new Coro::Semaphore 0;
    my $start = now;
    for (1 .. $ops) {
        async_pool { $_[0]->up } $ended;
        $ended->down;
    }
    my $seconds = now () - $start;
    $ended->count == 0 or die "a coro ended twice\n";
    ($ops, $seconds);
}

sub spawn_batch {
    my ($ops) = @_;
    my $batch = 10_000;
    my $batches = ceil $ops / $batch;
    my $ran = 0;
    my $start = now;
    for (1 .. $batches) {
        my @coros = map {
            async { 1 }
        } 1 .. $batch;
        $ran += $_->join for @coros;
    }
    my $seconds = now () - $start;
    $ran == $batches * $batch or die "a coro did not run\n";
    ($ran, $seconds);
}

sub sem_uncontended {
    my ($ops) = @_;
    my $semaphore = new Coro::Semaphore 1;
    my $held = 0;
    my $start = now;
    for (1 .. $ops) {
        my $guard = $semaphore->guard;
        ++$held;
    }
    my $seconds = now () - $start;
    $held == $ops && $semaphore->count == 1 or die "a permit was lost\n";
    ($ops, $seconds);
}

sub sem_pingpong {
    my ($ops) = @_;
    my $turns = ceil $ops / 2;
    my ($there, $back) = map { new Coro::Semaphore 0 } 1 .. 2;
    my @took = clock_to_end 2 * $turns, async {
        for (1 .. $turns) {
            $there->down;
            $back->up;
        }
    }, async {
        for (1 .. $turns) {
            $there->up;
            $back->down;
        }
    };
    $there->count == 0 && $back->count == 0 or die "a token was lost\n";
    @took;
}

sub inner_down { $_[0]->down; 1 }
sub outer_down { inner_down ($_[0]); 1 }

sub sem_pingpong_deep {
    my ($ops) = @_;
    my $turns = ceil $ops / 2;
    my ($there, $back) = map { new Coro::Semaphore 0 } 1 .. 2;
    my @took = clock_to_end 2 * $turns, async {
        for (1 .. $turns) {
            outer_down ($there);
            $back->up;
        }
    }, async {
        for (1 .. $turns) {
            $there->up;
            outer_down ($back);
        }
    };
    $there->count == 0 && $back->count == 0 or die "a token was lost\n";
    @took;
}

sub sem_contended {
    my ($ops) = @_;
    my $turns = ceil $ops / $crowd;
    my $permit = new Coro::Semaphore 1;
    my $held = 0;
    my @took = clock_to_end $crowd * $turns, map {
        async {
            for (1 .. $turns) {
                my $guard = $permit->guard;
                my $before = $held;
                cede;
                $held = $before + 1;
            }
        }
    } 1 .. $crowd;
    $held == $took[0] or die "two held the permit at a time\n";
    @took;
}

sub chan_pingpong {
    my ($ops) = @_;
    my $turns = ceil $ops / 2;
    my ($there, $back) = map { new Coro::Channel 1 + 1 } 1 .. 2;
    my $sum = 0;
    my @took = clock_to_end 2 * $turns, async {
        while (defined (my $number = $there->get)) {
            $back->put ($number);
        }
    }, async {
        for (0 .. $turns - 1) {
            $there->put ($_);
            $sum += $back->get;
        }
        $there->shutdown;
    };
    $sum == sum_below $turns or die "the sum is wrong\n";
    @took;
}

sub inner_get { my $number = $_[0]->get; $number }
sub outer_get { my $number = inner_get ($_[0]); $number }

sub chan_pingpong_deep {
    my ($ops) = @_;
    my $turns = ceil $ops / 2;
    my ($there, $back) = map { new Coro::Channel 1 + 1 } 1 .. 2;
    my $sum = 0;
    my @took = clock_to_end 2 * $turns, async {
        while (defined (my $number = outer_get ($there))) {
            $back->put ($number);
        }
    }, async {
        for (0 .. $turns - 1) {
            $there->put ($_);
            $sum += outer_get ($back);
        }
        $there->shutdown;
    };
    $sum == sum_below $turns or die "the sum is wrong\n";
    @took;
}

# As many coros put into one channel as get out of it.
sub chan_flow {
    my ($each, $ops) = @_;
    my $numbers = ceil $ops / $each;
    my $channel = new Coro::Channel 128 + 1;
    my $producing = $each;
    my $total = 0;
    my @consumers = map {
        async {
            my $sum = 0;
            while (defined (my $number = $channel->get)) {
                $sum += $number;
            }
            $total += $sum;
        }
    } 1 .. $each;
    my @producers = map {
        async {
            $channel->put ($_) for 0 .. $numbers - 1;
            $channel->shutdown unless --$producing;
        }
    } 1 .. $each;
    my @took = clock_to_end $each * $numbers, @consumers, @producers;
    $total == $each * sum_below $numbers or die "the sum is wrong\n";
    @took;
}

sub rw_read_uncontended {
    my ($ops) = @_;
    my $lock = new Coro::RWLock;
    my ($value, $sum) = (1, 0);
    my $start = now;
    for (1 .. $ops) {
        $lock->rdlock;
        $sum += $value;
        $lock->unlock;
    }
    my $seconds = now () - $start;
    $sum == $ops && $lock->trywrlock or die "a lock was lost\n";
    ($ops, $seconds);
}

sub rw_contended {
    my ($ops) = @_;
    my $writers = 4;
    my $turns = ceil $ops / ($crowd + $writers);
    my $lock = new Coro::RWLock;
    my $value = 0;
    my @readers = map {
        async {
            for (1 .. $turns) {
                $lock->rdlock;
                my $before = $value;
                cede;
                $value == $before or die "written while it was read\n";
                $lock->unlock;
            }
        }
    } 1 .. $crowd;
    my @writers = map {
        async {
            for (1 .. $turns) {
                $lock->wrlock;
                my $before = $value;
                cede;
                $value = $before + 1;
                $lock->unlock;
            }
        }
    } 1 .. $writers;
    my @took = clock_to_end +($crowd + $writers) * $turns, @readers, @writers;
    $value == $writers * $turns or die "two wrote at a time\n";
    @took;
}

sub notify_broadcast {
    my ($ops) = @_;
    my $waiters = 1000;
    my $rounds = ceil $ops / $waiters;
    my $signal = new Coro::Signal;
    my $woken = 0;
    my @coros = map {
        async {
            for (1 .. $rounds) {
                $signal->wait;
                ++$woken;
            }
        }
    } 1 .. $waiters;
    cede;    # until all wait
    my $start = now;
    for (1 .. $rounds) {
        $signal->broadcast;
        cede;
    }
    my $seconds = now () - $start;
    $woken == $rounds * $waiters or die "a waiter was not woken\n";
    $_->join for @coros;
    ($woken, $seconds);
}

sub local_get {
    my ($ops) = @_;
    my ($seconds, $sum) = (0, 0);
    my $coro = async {
        $Coro::current->{compare_value} = 1;
        my $start = now;
        for (1 .. $ops) {
            $sum += $Coro::current->{compare_value};
        }
        $seconds = now () - $start;
    };
    $coro->join;
    $sum == $ops or die "the variable is wrong\n";
    ($ops, $seconds);
}

# The product by jobs that coros take from a channel; they put their results into another.

my $n = 128;    # rows and columns of each matrix
my $workers = 16;
my @a = factor (7919);
my @b = factor (104_729);
my @right;

sub factor {
    my ($step) = @_;
    map { my $i = $_; [map { ($i * $n + $_) * $step % 1009 / 1009 } 0 .. $n - 1] } 0 .. $n - 1;
}

sub dot {
    my ($i, $j) = @_;
    my $row = $a[$i];
    my $sum = 0;
    $sum += $row->[$_] * $b[$_][$j] for 0 .. $#$row;
    $sum;
}

sub multiply {
    my ($elem) = @_;
    my ($count, $size) = $elem ? ($n * $n, 1) : ($n, $n);
    my $jobs = new Coro::Channel 128 + 1;
    my $results = new Coro::Channel 128 + 1;
    my @coros = map {
        async {
            while (defined (my $job = $jobs->get)) {
                $results->put ([$job, $elem ? dot ($job / $n, $job % $n) : map { dot ($job, $_) } 0 .. $n - 1]);
            }
        }
    } 1 .. $workers;
    push @coros, async {
        $jobs->put ($_) for 0 .. $count - 1;
        $jobs->shutdown;
    };
    my @product;
    for (1 .. $count) {
        my ($job, @values) = @{ $results->get };
        @product[$job * $size .. ($job + 1) * $size - 1] = @values;
    }
    $_->join for @coros;
    \@product;
}

sub matmul {
    my ($elem, $ops) = @_;
    @right = map { my $i = $_; map { dot ($i, $_) } 0 .. $n - 1 } 0 .. $n - 1 unless @right;
    my $seconds = 0;
    for (1 .. $ops) {
        my $start = now;
        my $product = multiply ($elem);
        $seconds += now () - $start;
        @$product == @right or die "the product is too short\n";
        $product->[$_] == $right[$_] or die "the product is wrong\n" for 0 .. $#right;
    }
    ($ops, $seconds);
}

# Makes so many coros that are blocked in mid-run, calls this, and ends them.
sub block {
    my ($count, $pause) = @_;
    my $gate = new Coro::Semaphore 0;
    my @coros = map {
        async { $gate->down }
    } 1 .. $count;
    cede;
    $pause->();
    $gate->adjust ($count);
    $_->join for @coros;
}

# An error in a coro is one of the program.
$Coro::State::DIEHOOK = sub {
    print STDERR @_;
    POSIX::_exit 1;
};

$| = 1;
while (my $line = <STDIN>) {
    if ($line =~ /^run (\w+) (\d+)$/) {
        my $run = $workloads{$1};
        print $run ? sprintf "took %d %.0f\n", map { $_->[0], $_->[1] * 1e9 } [$run->($2)] : "none\n";
    } elsif ($line =~ /^block (\d+)$/) {
        block ($1, sub {
            print "blocked $1\n";
            <STDIN>;
        });
        print "ended\n";
    } else {
        chomp $line;
        die "asked for `$line`\n";
    }
}
