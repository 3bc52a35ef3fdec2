# One dot product after the other.
measure sub {
    my @product = map { work $_ } 0 .. $count - 1;
    \@product;
};
