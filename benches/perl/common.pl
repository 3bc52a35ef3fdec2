# What the three programs share. Arguments: element or row, n, workers, repeats, channel capacity, seconds of
# patience. Standard input: A by rows, then B by rows, n * n doubles each. Standard output, for each repeat: the
# seconds as a double, then the product by rows.
use strict;
use warnings;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our ($jobs, $n, $workers, $repeat, $capacity, $patience) = @ARGV;
alarm $patience;    # ends a program that hangs

our (@a, @b);       # rows of A, rows of B
{
    binmode STDIN;
    local $/;
    my @values = unpack "d<*", scalar <STDIN>;
    @values == 2 * $n * $n or die "2 * $n * $n numbers expected\n";
    push @a, [splice @values, 0, $n] for 1 .. $n;
    push @b, [splice @values, 0, $n] for 1 .. $n;
}

# The order of the additions is that of the Rust programs, so the result is the same to the last place.
sub dot {
    my ($i, $j) = @_;
    my $row = $a[$i];
    my $sum = 0;
    $sum += $row->[$_] * $b[$_][$j] for 0 .. $#$row;
    $sum;
}

# A job is a number: that of an element (by rows), or that of a row.
our $count = $jobs eq "element" ? $n * $n : $n;

# Does a job; the result is one number or a row of them.
sub work {
    my ($job) = @_;
    return dot $job / $n, $job % $n if $jobs eq "element";
    map { dot $job, $_ } 0 .. $n - 1;
}

# Calls the given sub, which returns the product as an array of n * n numbers, as often as asked for.
sub measure {
    my ($multiply) = @_;
    binmode STDOUT;
    for (1 .. $repeat) {
        my $start = clock_gettime CLOCK_MONOTONIC;
        my $product = $multiply->();
        my $seconds = clock_gettime (CLOCK_MONOTONIC) - $start;
        print pack "d<*", $seconds, @$product;
    }
}

