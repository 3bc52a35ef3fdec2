#!/usr/bin/perl
# Differential oracle: runs scenarios (one JSON object per input line) on real
# Perl Coro and prints a trace (JSON lines).  See README.md for the format.
use strict; use warnings; no warnings 'once';
use Coro; use Coro::State; use Coro::Semaphore; use Coro::SemaphoreSet; use Coro::Signal;
use Coro::Channel; use Coro::RWLock; use Coro::Specific;
use JSON::PP (); use POSIX (); use Scalar::Util qw(weaken refaddr);

our $PLACES;
my %opt = (fork => 1, timeout => 10, limit => 20000, objects => 1);
while (@ARGV) {
   my $a = shift @ARGV;
   if    ($a eq "--nofork")    { $opt{fork} = 0 }
   elsif ($a eq "--quiet")     { $opt{quiet} = 1 }       # outcome lines only
   elsif ($a eq "--timeout")   { $opt{timeout} = shift @ARGV }
   elsif ($a eq "--places")    { open $PLACES, ">>", shift @ARGV or die "--places: $!\n" } # where each interrupted coro stood
   elsif ($a eq "--limit")     { $opt{limit} = shift @ARGV }
   elsif ($a eq "--help")      { print "usage: oracle.pl [--nofork] [--quiet] [--timeout s] [--limit events] < scenarios\n"; exit }
   else  { die "unknown option $a\n" }
}

# ---------------------------------------------------------------- JSON output
sub js { # deterministic encoder for scalars, arrays and hashes (sorted keys)
   my $v = shift;
   return "null" unless defined $v;
   return "[" . join(",", map js($_), @$v) . "]" if ref $v eq "ARRAY";
   return "{" . join(",", map js("$_") . ":" . js($v->{$_}), sort keys %$v) . "}" if ref $v eq "HASH";
   return $$v ? "true" : "false" if ref $v eq "SCALAR";
   return "$v" if $v =~ /^-?(?:0|[1-9][0-9]{0,14})\z/;
   $v =~ s/([\\"])/\\$1/g; $v =~ s/([^\x20-\x7e])/sprintf "\\u%04x", ord $1/ge;
   "\"$v\""
}

our ($OUT, $NEV, $FLUSH) = ("", 0, 0);
sub ev { # ev (type, key => value, ...): key order is kept
   my $s = "{\"e\":" . js(shift);
   while (@_) { my ($k, $v) = splice @_, 0, 2; $s .= "," . js($k) . ":" . js($v) }
   $OUT .= "$s}\n"; ++$NEV;
   flush_out() if $FLUSH;
}
sub flush_out { while (length $OUT) { my $n = syswrite STDOUT, $OUT; last unless defined $n; substr $OUT, 0, $n, "" } }

# ---------------------------------------------------------------- the world
our (%HIGH, %ENDING, %GUARDS, %ACTS); # for the taint manager
our (%C, %NM, %O, %DEF, %IN, %K, %TAINT, %DEAD, %HELD, %PEND, %THR, %GONE, @KEEP, $MAIN, $ID);

sub cname { my $c = shift; $NM{refaddr $c} // "?" }
sub taint { $TAINT{$_[0]} = 1 }

# the coro is alive and at this moment blocked in a waiting op on object $o
my %BLOCK = map +($_ => 1), qw(down sem_wait guard put get wait rdlock wrlock set_down set_wait set_guard);
sub waits_on { my ($n, $o) = @_; !$DEAD{$n} && !$GONE{$n} && $IN{$n} && defined $IN{$n}{obj} && $IN{$n}{obj} eq $o && $BLOCK{$IN{$n}{op}} && !($C{$n} && $C{$n}->is_running) && !($THR{$n} && $O{$o}[0] =~ /^(?:rwlock|signal)/) }

# the coro waits on this object in the list of this name: get, put, rdlock, wrlock, the id in a set
sub waits_in { my ($n, $o, $list) = @_; waits_on($n, $o) && (!defined $list || ($O{$o}[0] eq "semaphore_set" ? $IN{$n}{id} : $IN{$n}{op}) eq $list) }
# look at a list of waiting coros (refs); note entries Coro would wrongly wake
sub stale { my ($o, $list, @w) = @_; my %s; for (@w) { next unless ref $_ && ref $_ ne "CODE"; my $n = cname $_; taint "stale:$o" if !waits_in($n, $o, $list) || $s{$n}++ } }
# who really waits, in order: of several entries of a coro only the last one is not stale
sub live  { my ($o, $list, @w) = @_; my %s; reverse_list(grep waits_in($_, $o, $list) && !$s{$_}++, map cname($_), grep ref $_ && ref $_ ne "CODE", reverse @w) }
# a lock lists a waiter once more each time that it is readied for nothing: it waits where it was listed first since its op began
sub locked { my ($o, $list, @w) = @_; my %s; [grep waits_in($_, $o, $list) && $s{$_}++ == ($IN{$_}{old} // 0), map cname($_), @w] }
sub reverse_list { [reverse @_] }
sub sigw  { my $g = shift; my @r; for my $i (1 .. $#$g) { push @r, $g->[$i] unless ref \$g->[$i] eq "CODE" } @r } # callbacks are bare CODE values
sub lists { # [name, waiters...] for each list
   my $o = $O{$_[0]}; my ($t, $x) = @$o;
   $t eq "semaphore" ? [undef, $x->waiters]
   : $t eq "channel" ? (["get", Coro::Semaphore::waiters($x->[1])], ["put", Coro::Semaphore::waiters($x->[2])])
   : $t eq "signal"  ? [undef, sigw($x)]
   : $t eq "rwlock"  ? (["wrlock", @{$x->[1]}], ["rdlock", @{$x->[3]}])
   : $t eq "semaphore_set" ? (map [$_, Coro::Semaphore::waiters($x->[1]{$_})], grep defined $x->[1]{$_}, sort keys %{$x->[1] || {}})
   : ()
}
# the list that this coro waits in, and whether it is in there
sub around { my ($n) = @_; my $in = $IN{$n}; map @$_[1 .. $#$_], grep !defined $_->[0] || $_->[0] eq ($O{$in->{obj}}[0] eq "semaphore_set" ? $in->{id} : $in->{op}), lists($in->{obj}) }
sub listed { my ($n) = @_; scalar grep cname($_) eq $n, grep ref, around($n) }
# the semaphore that a semaphore-like op waits on
sub permits { my ($op, $o, $id) = @_; my $x = $O{$o}[1];
   $op =~ /^set_/ ? $x->count($id) : $op eq "get" ? Coro::Semaphore::count($x->[1]) : $op eq "put" ? Coro::Semaphore::count($x->[2]) : $x->count }
sub free { permits(@_) > 0 }
# an interrupted waiter wakes the head of the list whether it had been woken or not; an ideal one does not if it is still listed
sub over { my ($n) = @_; my $in = $IN{$n}; my $o = $in->{obj}; taint("over-wake:$o") if free($in->{op}, $o, $in->{id}) && listed($n) }
# a safe_cancelled waiter passes on what woke it at once, and again when it unwinds: more are awake then than there are permits
sub twice { my ($n) = @_; my $in = $IN{$n}; my $o = $in->{obj}; return unless defined $o && $in->{op} =~ /^(?:down|guard|sem_wait|get|put|set_down|set_wait|set_guard)\z/;
   my %l; $l{cname($_)} = 1 for grep ref, around($n);
   my $same = sub { my $m = $IN{$_[0]}; defined $m->{obj} && $m->{obj} eq $o && ($m->{op} !~ /^set_/ || $m->{id} eq $in->{id}) && ($m->{op} eq "put") == ($in->{op} eq "put") && $BLOCK{$m->{op}} };
   my $awake = grep $_ ne $n && !$l{$_} && $C{$_} && !$DEAD{$_} && $C{$_}->is_ready && $same->($_), keys %IN;
   my $free = permits($in->{op}, $o, $in->{id}); taint("over-wake:$o") if $free > 0 && $awake > $free }
sub chk { my $o = $_[0]; stale($o, @$_) for lists($o) }

{ package Frame; # releases the guards of a coro, newest first, then tells
  sub DESTROY {
     my $f = shift;
     pop @{$f->{g}} while @{$f->{g}};
     main::taint("put-interrupted") if $main::IN{$f->{n}} && $main::IN{$f->{n}}{op} eq "put";
     main::ev("unwind", c => $f->{n}) if $f->{live};
     main::twice($f->{n}) if $main::GONE{$f->{n}} && $main::IN{$f->{n}};
     main::ending($f->{n}) if ($Coro::current->{desc} // "") eq $f->{n}; # safe_cancel
  } }
{ package SGuard; # a held semaphore permit
  sub DESTROY { my $g = shift; main::chk($g->{o}); main::ev("release", o => $g->{o}, $g->{id} ? (id => $g->{id}) : ()); --$main::GUARDS{$g->{n}}; undef $g->{g} } }


our (%OP, %PRE, %SCHED);  # %PRE: why an op is not executed (skip reason) or undef
my $has = sub { $C{$_[2][1]} ? undef : "absent" };
my $alive = sub { my $c = $C{$_[2][1]} or return "absent"; $c->is_zombie ? "zombie" : undef };
my $thr = sub { my $c = $C{$_[2][1]} or return "absent"; $c->is_zombie ? "zombie" : $c->is_new ? "new" : undef };
my $owns = sub { my ($self, $x, $op, $o) = @_; (grep $_->{o} eq $o && (!$_->{id} || $_->{id} eq $op->[2]), @{$self->{f}{g}}) ? undef : "not-held" };
sub held { push @{$HELD{$_[0]{n}}{$_[1]}}, 1; 1 }
sub hold { my ($self, $o, $id) = @_; ++$GUARDS{$self->{n}}; push @{$self->{f}{g}}, bless { n => $self->{n}, o => $o, $id ? (id => $id) : (), g => delete $self->{tmp} }, "SGuard"; 1 }
sub drop { my ($self, $o, $id) = @_; my $l = $self->{f}{g}; for (reverse 0 .. $#$l) { if ($l->[$_]{o} eq $o && (!$id || $l->[$_]{id} eq $id)) { splice @$l, $_, 1; return 1 } } undef }
# ops that can switch are written without lexical variables, see "body"
$OP{down}      = sub { $_[1]->down; 1 };
$OP{up}        = sub { chk($_[3]); $_[1]->up; undef };
$OP{adjust}    = sub { chk($_[3]); $_[1]->adjust($_[2][2]); undef };
$OP{try}       = sub { $_[1]->try ? 1 : 0 };
$OP{sem_wait}  = sub { $_[1]->wait; undef };
$OP{sem_wait_cb} = sub { my ($o, $k) = ($_[3], $_[2][2]); chk($o); my $cb = sub { ev("cb", o => $o, k => $k) }; $_[0]{cb} = $cb; goto &sem_wait_cb2 };
sub sem_wait_cb2 { $_[1]->wait(delete $_[0]{cb}); undef }
$OP{count}     = sub { $_[1]->count };
$OP{guard}     = sub { $_[0]{tmp} = $_[1]->guard; hold($_[0], $_[3]) };
$OP{drop_guard}= sub { drop($_[0], $_[3]) }; $PRE{drop_guard} = $owns;
$OP{put}       = sub { chk($_[3]); $_[1]->put($_[2][2]); undef };
$OP{get}       = sub { chk($_[3]); scalar $_[1]->get };
$OP{shutdown}  = sub { chk($_[3]); $_[1]->shutdown; undef };
$OP{size}      = sub { $_[1]->size };
$OP{wait}      = sub { $_[1]->wait; undef };
$OP{wait_cb}   = sub { my ($o, $k) = ($_[3], $_[2][2]); my $cb = sub { ev("cb", o => $o, k => $k) }; $_[0]{cb} = $cb; goto &sem_wait_cb2 };
$OP{send}      = sub { chk($_[3]); $_[1]->send; undef };
$OP{broadcast} = sub { chk($_[3]); $_[1]->broadcast; undef };
$OP{awaited}   = sub { chk($_[3]); $_[1]->awaited ? 1 : 0 };
$OP{rdlock}    = sub { $_[1]->rdlock; held($_[0], $_[3]) };
$OP{wrlock}    = sub { $_[1]->wrlock; held($_[0], $_[3]) };
$OP{tryrdlock} = sub { $_[1]->tryrdlock ? held($_[0], $_[3]) : 0 };
$OP{trywrlock} = sub { $_[1]->trywrlock ? held($_[0], $_[3]) : 0 };
$OP{unlock}    = sub { pop @{$HELD{$_[0]{n}}{$_[3]}}; chk($_[3]); $_[1]->unlock; undef };
$PRE{unlock}   = sub { @{$HELD{$_[0]{n}}{$_[3]} || []} ? undef : "not-held" };
$OP{set_down}  = sub { $_[1]->down($_[2][2]); 1 };
$OP{set_up}    = sub { chk($_[3]); $_[1]->up($_[2][2]); undef };
# a failed try on a 0-count set leaves an undefined entry behind that crashes later calls: never make that call
$OP{set_try}   = sub { !$_[1][1]{$_[2][2]} && $_[1][0] <= 0 ? 0 : $_[1]->try($_[2][2]) ? 1 : 0 };
$OP{set_count} = sub { $_[1]->count($_[2][2]) };
# Coro waits if there is an entry, even if it is as a new one and no live coro waits there
sub kept { my ($x, $o, $id) = @_; my $e = $x->[1]{$id} or return; my $n = Coro::Semaphore::count($e); taint("kept-entry:$o") if $n <= 0 && $n == $x->[0] && !grep waits_in($_, $o, $id), map cname($_), grep ref, Coro::Semaphore::waiters($e) }
$OP{set_wait}  = sub { kept($_[1], $_[3], $_[2][2]); $_[1]->wait($_[2][2]); undef };
$OP{set_guard} = sub { $_[0]{tmp} = $_[1]->guard($_[2][2]); hold($_[0], $_[3], $_[2][2]) };
$OP{set_drop}  = sub { drop($_[0], $_[3], $_[2][2]) }; $PRE{set_drop} = $owns;
$OP{set}       = sub { ${$_[1]} = $_[2][2]; undef };
$OP{fetch}     = sub { ${$_[1]} };
# ---- scheduling
$OP{cede}      = sub { Coro::cede(); undef };
$OP{cede_notself} = sub { Coro::cede_notself(); undef };
$OP{schedule}  = sub { Coro::schedule(); undef };
$OP{nready}    = sub { Coro::nready() };
sub high { $HIGH{$_[0]} = 1 if $C{$_[0]}->prio >= Coro::PRIO_MAX; $_[1] }
$OP{prio}      = sub { high($_[0]{n}, $Coro::current->prio($_[2][1])) };
$OP{nice}      = sub { high($_[0]{n}, $Coro::current->nice($_[2][1])) };
$OP{prio_of}   = sub { high($_[2][1], $C{$_[2][1]}->prio($_[2][2])) };  $PRE{prio_of} = $has;
$OP{ready}     = sub { place(@_); $C{$_[2][1]}->ready ? 1 : 0 };   $PRE{ready} = $has;
$OP{is}        = sub { my $c = $C{$_[2][1]}; return "zombie" if $c->is_zombie; join "+", (grep $c->can("is_$_")->($c), qw(new ready running suspended)) }; $PRE{is} = $has;
$OP{schedule_to} = sub { Coro::schedule_to($C{$_[2][1]}); undef };
$OP{cede_to}     = sub { Coro::cede_to($C{$_[2][1]}); undef };
$PRE{schedule_to} = $PRE{cede_to} = sub { my $c = $C{$_[2][1]} or return "absent"; $c->is_zombie ? "zombie" : $c->is_suspended || $Coro::current->is_suspended ? "suspended" : undef };
$OP{suspend}   = sub { taint("suspend"); $C{$_[2][1]}->suspend; undef }; $PRE{suspend} = $alive;
$OP{resume}    = sub { $C{$_[2][1]}->resume; undef }; $PRE{resume} = $alive;
# ---- life
sub interrupting { # called before cancel, safe_cancel and throw of $n: note the cases where Coro loses something
   my ($n, $kill) = @_; my $in = $IN{$n} or return; my $op = $in->{op};
   # if it was woken, it wakes the next entry of the list
   if (defined $in->{obj} && $op =~ /^(?:down|guard|sem_wait|put|get|set_down|set_wait|set_guard)\z/) { chk($in->{obj}); over($n) if $kill }
   # a semaphore-like waiter that was switched to since its op began: its cleanup hook is gone
   taint("disarmed") if $kill && $op =~ /^(?:down|guard|sem_wait|put|get|set_down|set_wait|set_guard)\z/ && $C{$n} && $C{$n}->usecount > $in->{use};
   taint("join-throw") if !$kill && $op eq "join" && !$DEAD{$n} && !$DEAD{$in->{to}} && $n ne $Coro::current->{desc}; # not delivered before the target ends
   # woken but not yet run: a wake-up that nobody else will get
   taint("woken-lost") if $op =~ /^(?:rdlock|wrlock|wait)\z/ && !$DEAD{$n} && !listed($n);
}
# tells what scenario --list-pairs works out from the events: how another coro met this one
sub place {
   my ($self, $n) = ($_[0], $_[2][1]); my $in = $IN{$n}; return if !$PLACES || !$in || $n eq $self->{n};
   my $op = $in->{op}; my $woken = defined $in->{obj} ? !listed($n)
      : $op eq "join" ? $DEAD{$in->{to}} : $op eq "rouse_wait" ? $in->{key}{called} : $op =~ /^schedule/ ? $C{$n}->is_ready : 0;
   my $by = $_[2][0]; syswrite $PLACES, js($ID) . " $n $in->{i} $op $by" . ($by eq "ready" ? "" : $woken ? "-woken" : "-listed") . "\n";
}
# Coro's manager destroys what has ended; a coro of its priority may run before it does. The trace depends on
# that if the coro that ends has something to give, or if what runs meanwhile looks at it or at the manager.
sub ending {
   my ($n) = @_;
   return if $DEAD{$n} || $ENDING{$n}++;
   my $gives = $GUARDS{$n} || $ACTS{$n} || grep $_->{op} eq "join" && $_->{to} eq $n, values %IN;
   # who waits for one of its guards is readied before the manager
   taint("manager") if $gives && grep $_ ne $n && $HIGH{$_} && $C{$_} && !$DEAD{$_} && ($C{$_}->is_ready || $GUARDS{$n} && $IN{$_}), keys %C;
}
sub meanwhile {
   my ($n, $op) = @_; my $name = $op->[0];
   my @e = grep $_ ne $n, keys %ENDING or return;
   taint("manager") if $name =~ /^(?:nready|cede_notself)\z/ || $name !~ /^(?:async|new)\z/ && $SCHED{$name} && grep $_ eq ($op->[1] // ""), @e;
}
$OP{cancel}    = sub { ending($_[0]{n}) if $_[2][1] eq $_[0]{n}; place(@_); interrupting($_[2][1], 1); $GONE{$_[2][1]} = 1; Coro::cancel($C{$_[2][1]}, @{$_[2]}[2 .. $#{$_[2]}]); undef }; $PRE{cancel} = sub { $PEND{$_[0]{n}} && $_[2][1] ne $_[0]{n} ? "pending" : $alive->(@_) };
# (Coro releases the canceller's own pending exception when it destroys another coro: memory corruption, so not done here)
$OP{safe_cancel} = sub {
   place(@_); my $n = $_[2][1]; interrupting($n, 1);
   taint("safe-cancel-join") if $IN{$n} && $IN{$n}{op} eq "join"; # Coro drops a reference too many: the joined coro dies, or perl
   eval { $C{$n}->safe_cancel(@{$_[2]}[2 .. $#{$_[2]}]); 1 } or return "error";
   $GONE{$n} = 1; # its entry in a wait list is stale from now on
   ending($n) if %HIGH; # it ends when it runs, and no event tells when that is
   1
};
$PRE{safe_cancel} = sub { $_[2][1] eq $_[0]{n} ? "self" : $PEND{$_[0]{n}} ? "pending" : $alive->(@_) };
$OP{throw}     = sub { place(@_); interrupting($_[2][1], 0); $PEND{$_[0]{n}} = 1 if $_[2][1] eq $_[0]{n}; $THR{$_[2][1]} = 1; $C{$_[2][1]}->throw([$_[2][2]]); undef }; $PRE{throw} = $thr;
$OP{throw_clear} = sub { delete $PEND{$_[0]{n}} if $_[2][1] eq $_[0]{n}; delete $THR{$_[2][1]}; $C{$_[2][1]}->throw(undef); undef }; $PRE{throw_clear} = $thr;
$OP{join}      = sub { [$C{$_[2][1]}->join] }; $PRE{join} = $has;
$OP{on_destroy}= sub {
   my ($n, $k, $do, $arg) = @{$_[2]}[1, 2, 3, 4];
   ++$ACTS{$n} if $do;
   $C{$n}->on_destroy(sub { ev("on_destroy", c => $n, k => $k, v => [@_]);
      if ($do) { if ($do eq "up") { chk($arg); $O{$arg}[1]->up } elsif ($do eq "send") { chk($arg); $O{$arg}[1]->send } elsif ($do eq "broadcast") { chk($arg); $O{$arg}[1]->broadcast } elsif ($do eq "ready") { $C{$arg}->ready if $C{$arg} } } });
   undef }; $PRE{on_destroy} = $alive;
$OP{terminate} = sub { ending($_[0]{n}); Coro::terminate(@{$_[2]}[1 .. $#{$_[2]}]) };
my $fresh = sub { my $n = $_[2][1]; $C{$n} || $DEAD{$n} || !$DEF{$n} ? "exists" : undef };
$OP{async}     = sub { mk($_[2][1])->ready; undef }; $PRE{async} = $fresh;
$OP{new}       = sub { mk($_[2][1]); undef }; $PRE{new} = $fresh;
# ---- rouse
# rouse_wait holds no reference to its callback: keep all of them alive
$OP{rouse_cb}  = sub { $K{$_[2][1]} = { cb => Coro::rouse_cb() }; push @KEEP, $K{$_[2][1]}{cb}; undef };
$OP{rouse_call}= sub { my $k = $K{$_[2][1]}; taint("stale-rouse") if $k->{left} && !$k->{called} && !$DEAD{$k->{left}}; $k->{called} = 1; $K{$_[2][1]}{cb}->(@{$_[2]}[2 .. $#{$_[2]}]); undef }; $PRE{rouse_call} = sub { $K{$_[2][1]} ? undef : "absent" };
$OP{rouse_wait}= sub { ++$K{$_[2][1]}{used}; $_[0]{rouse} = $K{$_[2][1]}; [Coro::rouse_wait($K{$_[2][1]}{cb})] };
$PRE{rouse_wait} = sub { my $r = $K{$_[2][1]} or return "absent"; $r->{used} ? "used" : undef };

%SCHED = map +($_ => 1), qw(cede cede_notself schedule nready prio nice prio_of ready is schedule_to cede_to suspend resume cancel safe_cancel throw throw_clear join on_destroy terminate async new rouse_cb rouse_call rouse_wait return);

# The body of every scenario coro.  There must not be a single "my" variable in
# any frame that can be switched away from: on perls since 5.24 Coro's unwinding
# of a cancelled coro clears the lexicals of outer frames through the pad of the
# innermost one (crash or leak).  All state lives in the hash $_[0].
sub body {
   ev("start", c => $_[0]{n});
   while (next_op($_[0])) {
      if (eval { $_[0]{r} = $_[0]{fn}->($_[0], $_[0]{x}, $_[0]{op}, $_[0]{obj}); 1 }) { op_ok($_[0]) } else { op_failed($_[0], $@) }
   }
   delete $_[0]{f};
   @{$_[0]{ret}}
}
sub next_op {
   my $self = shift; my $d = $self->{d}; my $n = $self->{n}; my $ops = $d->{ops} || [];
   while () {
      return 0 if $self->{done};
      my $i = ++$self->{i};
      if ($NEV > $opt{limit}) { outcome("limit"); flush_out(); POSIX::_exit(0) }
      my $op = $ops->[$i] || ["return"]; my $name = $op->[0];
      if ($name eq "return") { $self->{ret} = [@$op[1 .. $#$op]]; ev("end", c => $n, v => $self->{ret}); ending($n); return 0 }
      ev("op", c => $n, i => $i);
      my $fn = $OP{$name}; my ($obj, $x);
      if (!$fn) { ev("ret", c => $n, i => $i, skip => "unknown-op"); next }
      if (!$SCHED{$name}) { $obj = $op->[1]; $x = $O{$obj} && $O{$obj}[1]; if (!$x) { ev("ret", c => $n, i => $i, skip => "no-object"); next } }
      if (my $pre = $PRE{$name}) { my $why = $pre->($self, $x, $op, $obj); if ($why) { ev("ret", c => $n, i => $i, skip => $why); next } }
      meanwhile($n, $op);
      # Coro sleeps first and raises afterwards
      taint("self-throw") if $PEND{$n} && would_block($name, $x, $op);
      $IN{$n} = { i => $i, op => $name, obj => $obj, to => $op->[1], id => $op->[2], key => $K{$op->[1] // ""}, use => $Coro::current->usecount };
      $IN{$n}{old} = grep cname($_) eq $n, @{$x->[$name eq "rdlock" ? 3 : 1]} if $name =~ /^(?:rd|wr)lock\z/;
      @$self{qw(op fn x obj)} = ($op, $fn, $x, $obj);
      return 1;
   }
}
sub would_block {
   my ($name, $x, $op) = @_;
   $name =~ /^(?:down|guard|sem_wait)\z/ ? $x->count <= 0
   : $name =~ /^set_(?:down|guard|wait)\z/ ? $x->count($op->[2]) <= 0
   : $name eq "get" ? Coro::Semaphore::count($x->[1]) <= 0
   : $name eq "put" ? Coro::Semaphore::count($x->[2]) <= 0
   : $name =~ /^(?:wait|wait_cb|sem_wait_cb)\z/ ? 1 # a remembered send is taken, and lost, before it raises; here a callback is no wait, and raises nothing
   : $name eq "rdlock" ? $x->[0]
   : $name eq "wrlock" ? $x->[0] || $x->[2]
   : $name eq "join" ? !$DEAD{$op->[1]}
   : $name eq "rouse_wait" ? !$K{$op->[1]}{called}
   : 0
}
sub op_ok { my $self = shift; my $r = delete $self->{r};
   taint("early-join") if $IN{$self->{n}}{op} eq "join" && !$DEAD{$self->{op}[1]}; # of a coro that safe_cancel has given its status
   # readied for nothing while a permit was free: its own entry was still listed, and the one that it woke by passing on
   taint("stale:$self->{obj}") if $IN{$self->{n}}{op} =~ /^(?:sem_wait|set_wait)\z/ && $Coro::current->is_ready;
   delete $IN{$self->{n}}; ev("ret", c => $self->{n}, i => $self->{i}, r => $r) }
sub op_failed {
   my ($self, $err) = @_; my $n = $self->{n};
   taint "put-interrupted" if $IN{$n}{op} eq "put";
   # thrown at while listed: its own entry was the next one to be woken
   if ($IN{$n}{op} =~ /^(?:down|guard|sem_wait|put|get|set_down|set_wait|set_guard)\z/) { over($n); taint("stale:$IN{$n}{obj}") if $Coro::current->is_ready }
   $self->{rouse}{left} = $n if $IN{$n}{op} eq "rouse_wait"; # a later call readies this coro, which does not wait any more
   delete $IN{$n}; delete $PEND{$n}; delete $THR{$n}; delete $ENDING{$n};
   ev("exc", c => $n, i => $self->{i}, x => ref $err eq "ARRAY" ? $err->[0] : do { (my $m = "$err") =~ s/ at \S+ line \d+.*//s; "!$m" });
   if (($self->{d}{catch} // "continue") eq "end") { $self->{ret} = ["exc"]; ev("end", c => $n, v => ["exc"]); ending($n); $self->{done} = 1 }
}

sub mk {
   my $n = shift; my $d = $DEF{$n};
   my $c = new Coro \&body, { n => $n, d => $d, i => -1, ret => [], f => bless { n => $n, g => [], live => 1 }, "Frame" };
   $c->{desc} = $n; $NM{refaddr $c} = $n;
   $c->prio($d->{prio}) if $d->{prio};
   $C{$n} = $c; high($n);
   $c->on_destroy(sub { $DEAD{$n} = [@_]; delete $IN{$n}; delete $ENDING{$n}; ev("destroyed", c => $n, v => [@_]) });
   ev("new", c => $n);
   if (defined $d->{keep} && !$d->{keep}) { taint "unref"; weaken $C{$n} }
   $c
}

sub outcome {
   my ($forced) = @_;
   my (%c, $alive);
   for my $n (sort keys %DEF) {
      if ($DEAD{$n}) { $c{$n} = { s => "dead", v => $DEAD{$n} } }
      elsif (!$C{$n}) { $c{$n} = { s => "absent" } }
      else {
         my $c = $C{$n}; my $in = $IN{$n};
         $alive++ unless $c->is_new;
         $c{$n} = { s => $c->is_new ? "new" : $c->is_suspended ? "suspended" : "blocked", $in ? (i => $in->{i}, op => $in->{op}) : () };
      }
   }
   my %o;
   for my $n (sort keys %O) {
      my ($t, $x) = @{$O{$n}};
      $o{$n} = $t eq "semaphore" ? { count => $x->count, waiters => live($n, undef, $x->waiters) }
         : $t eq "channel" ? { size => $x->size, get => live($n, "get", Coro::Semaphore::waiters($x->[1])), put => live($n, "put", Coro::Semaphore::waiters($x->[2])) }
         : $t eq "signal" ? { pending => $x->[0], waiters => live($n, undef, sigw $x) }
         : $t eq "rwlock" ? { writers => $x->[0], readers => $x->[2], wq => locked($n, "wrlock", @{$x->[1]}), rq => locked($n, "rdlock", @{$x->[3]}) }
         : $t eq "semaphore_set" ? { map +($_ => { count => Coro::Semaphore::count($x->[1]{$_}), waiters => live($n, $_, Coro::Semaphore::waiters($x->[1]{$_})) }), keys %{$x->[1] || {}} }
         : { };
   }
   ev("outcome", r => $forced // ($alive ? "deadlock" : "finished"), coros => \%c, objects => \%o, taint => [sort keys %TAINT]);
}

sub mkobj {
   my ($d) = @_; my $t = $d->{type};
   my $x = $t eq "semaphore" ? Coro::Semaphore->new($d->{count} // 1)
      : $t eq "channel" ? Coro::Channel->new($d->{size} // 0)
      : $t eq "signal" ? Coro::Signal->new
      : $t eq "rwlock" ? Coro::RWLock->new
      : $t eq "semaphore_set" ? Coro::SemaphoreSet->new($d->{count} // 1)
      : $t eq "specific" ? Coro::Specific->new
      : die "unknown object type $t\n";
   [$t, $x]
}

sub scenario {
   my ($s, $lineno) = @_;
   $MAIN = $Coro::current;
   ev("scenario", id => $ID = $s->{id} // $lineno);
   %O = map +($_ => mkobj($s->{objects}{$_})), sort keys %{$s->{objects} || {}};
   my $idle = new Coro sub { while () { my $n = $NEV; Coro::cede(); next if $NEV != $n; $MAIN->schedule_to } };
   $idle->prio(Coro::PRIO_MIN); $idle->{desc} = "[oracle idle]"; $Coro::idle = $idle;
   my @defs = @{$s->{coros} || []};
   $DEF{$_->{name}} = $_ for @defs;
   for my $d (@defs) { my $st = $d->{start} // "ready"; my $c = mk($d->{name}) unless $st eq "lazy" }
   for my $d (@defs) { $C{$d->{name}}->ready if ($d->{start} // "ready") eq "ready" && $C{$d->{name}} }
   Coro::schedule();
   outcome();
}

sub run_line {
   my ($line, $no) = @_;
   my $s = eval { JSON::PP::decode_json($line) };
   if (!$s) { ev("scenario", id => $no); ev("outcome", r => "bad-json"); flush_out(); return }
   my $go = sub {
      eval { scenario($s, $no); 1 } or ev("outcome", r => "error", x => "$@");
      $OUT = join "", grep /^\{"e":"(?:scenario|outcome)"/, split /^/, $OUT if $opt{quiet};
      flush_out();
   };
   if (!$opt{fork}) { (%C, %NM, %O, %DEF, %IN, %K, %TAINT, %DEAD, %HELD, %PEND, %THR, %GONE, %HIGH, %ENDING, %GUARDS, %ACTS) = (); $NEV = 0; $go->(); Coro::cancel($_) for grep $_ && !$_->is_zombie, values %C; Coro::cede(); $OUT = ""; return }
   for my $try (0, 1) {
      my $pid = fork; die "fork: $!" unless defined $pid;
      if (!$pid) { $FLUSH = $try; alarm $opt{timeout}; open STDERR, ">", "/dev/null"; $go->(); POSIX::_exit(0) }
      waitpid $pid, 0; my $st = $?;
      return if !$st;
      next if !$try; # crashed: once more, unbuffered, to keep what there is of the trace
      $OUT = ""; my $sig = $st & 127;
      ev("outcome", r => $sig == 14 ? "hang" : "crash", signal => $sig, status => $st >> 8); flush_out();
   }
}

$| = 1; my $no = 0;
while (defined(my $line = <STDIN>)) { next unless $line =~ /\S/; run_line($line, $no++) }
flush_out(); POSIX::_exit(0);
