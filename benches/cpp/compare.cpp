// The workloads by Boost.Fiber. It answers on its standard output what it is asked on its standard input, one a line:
// `run WORKLOAD OPS` by `took OPS NANOSECONDS` or `none`; `block COUNT` by `blocked COUNT`, and the line after that by
// `ended`.
//
// - The scheduler is round_robin, which is the default; fibers are launched by post, which is the default too.
// - A semaphore is a mutex, a condition variable and a count; its guard is std::unique_lock's, by lock() and unlock().
// - A channel is a buffered_channel. It holds one value less than its capacity, which is a power of two: so the one for
//   one value is exact, and the one for 128 holds 127.
// - Stacks are pooled where fibers are spawned again and again, and small and without a guard page where there are many
//   fibers at a time.
// - There is no readers-writer lock.
// - What takes two OS threads has a fiber in each, and so a scheduler in each; a buffered_channel may be shared.
#include <algorithm>
#include <boost/fiber/all.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace fibers = boost::fibers;
using fibers::fiber;
using u64 = std::uint64_t;
using channel = fibers::buffered_channel<u64>;
using nanoseconds = std::chrono::nanoseconds;

struct took {
    u64 ops;
    nanoseconds time;
};

static auto now() { return std::chrono::steady_clock::now(); }

static u64 div_ceil(u64 a, u64 b) { return (a + b - 1) / b; }

static u64 sum_below(u64 number) { return number * (number - 1) / 2; }

// In a fiber or out of it: an exception would find fibers that nobody has joined.
[[noreturn]] static void fail(const std::string &reason) {
    std::cerr << reason << std::endl;
    std::_Exit(EXIT_FAILURE);
}

static void check(bool right, const char *otherwise) {
    if (!right)
        fail(otherwise);
}

// Keeps the call before it from being a jump, and what was read from being remembered.
static inline void barrier() { asm volatile("" ::: "memory"); }

// How many fibers contend for one thing.
constexpr u64 crowd = 100;

// For many fibers at a time. Not a power of two: the tops of those would share a few lines of the cache.
static fibers::fixedsize_stack small() { return fibers::fixedsize_stack{17 * 1024}; }

class semaphore {
    fibers::mutex mutex;
    fibers::condition_variable changed;
    u64 count;

public:
    explicit semaphore(u64 permits) : count{permits} {}

    void lock() {
        std::unique_lock locked{mutex};
        changed.wait(locked, [this] { return count > 0; });
        --count;
    }

    void unlock() {
        {
            std::unique_lock locked{mutex};
            ++count;
        }
        changed.notify_one();
    }
};

// Calls the function that is given, directly or two calls deep.
template <bool Deep> struct depth;

template <> struct depth<false> {
    template <typename F> static auto call(F function) { return function(); }
};

template <> struct depth<true> {
    template <typename F> [[gnu::noinline]] static void inner(F function) {
        function();
        barrier();
    }

    template <typename F> [[gnu::noinline]] static void call(F function) {
        inner(function);
        barrier();
    }
};

static void join(std::vector<fiber> &tasks) {
    for (auto &task : tasks)
        task.join();
}

// Measures from here to the end of these fibers, none of which has run yet.
static took clock_to_end(u64 ops, std::vector<fiber> tasks) {
    auto start = now();
    join(tasks);
    return {ops, now() - start};
}

// Once all have begun, main waits and is no more in the queue; the last to have yielded so often stops the clock.
template <u64 Tasks, bool Deep> took yields(u64 ops) {
    u64 rounds = div_ceil(ops, Tasks), yielding = Tasks;
    auto start = now(), end = start;
    std::vector<fiber> tasks;
    for (u64 i = 0; i < Tasks; ++i)
        tasks.emplace_back(std::allocator_arg, small(), [&] {
            for (u64 round = 0; round < rounds; ++round)
                depth<Deep>::call([] { boost::this_fiber::yield(); });
            if (--yielding == 0)
                end = now();
            boost::this_fiber::yield();
        });
    boost::this_fiber::yield(); // to their beginning
    start = now();
    join(tasks);
    check(yielding == 0, "a fiber did not run");
    return {rounds * Tasks, end - start};
}

static took spawn_join(u64 ops) {
    u64 ran = 0;
    fibers::pooled_fixedsize_stack stacks;
    auto start = now();
    for (u64 i = 0; i < ops; ++i)
        fiber(std::allocator_arg, stacks, [&] { ++ran; }).join();
    auto time = now() - start;
    check(ran == ops, "a fiber did not run");
    return {ops, time};
}

static took spawn_batch(u64 ops) {
    constexpr u64 batch = 10'000;
    u64 batches = div_ceil(ops, batch), ran = 0;
    static fibers::pooled_fixedsize_stack stacks;
    std::vector<fiber> tasks;
    tasks.reserve(batch);
    auto start = now();
    for (u64 i = 0; i < batches; ++i) {
        for (u64 i = 0; i < batch; ++i)
            tasks.emplace_back(std::allocator_arg, stacks, [&] { ++ran; });
        join(tasks);
        tasks.clear();
    }
    auto time = now() - start;
    check(ran == batches * batch, "a fiber did not run");
    return {ran, time};
}

static took sem_uncontended(u64 ops) {
    semaphore permit{1};
    u64 held = 0;
    auto start = now();
    for (u64 i = 0; i < ops; ++i) {
        std::unique_lock guard{permit};
        held += guard.owns_lock();
        barrier();
    }
    auto time = now() - start;
    check(held == ops, "a permit was lost");
    return {ops, time};
}

template <bool Deep> took sem_pingpong(u64 ops) {
    u64 turns = div_ceil(ops, 2), there_and_back = 0;
    semaphore there{0}, back{0};
    auto take = [](semaphore &semaphore) {
        depth<Deep>::call([&] { semaphore.lock(); });
    };
    std::vector<fiber> tasks;
    tasks.emplace_back([&] {
        for (u64 i = 0; i < turns; ++i) {
            take(there);
            ++there_and_back;
            back.unlock();
        }
    });
    tasks.emplace_back([&] {
        for (u64 i = 0; i < turns; ++i) {
            there.unlock();
            take(back);
            check(there_and_back == i + 1, "a token came back alone");
        }
    });
    return clock_to_end(2 * turns, std::move(tasks));
}

static took sem_contended(u64 ops) {
    u64 turns = div_ceil(ops, crowd), held = 0;
    semaphore permit{1};
    std::vector<fiber> tasks;
    for (u64 i = 0; i < crowd; ++i)
        tasks.emplace_back([&] {
            for (u64 i = 0; i < turns; ++i) {
                std::unique_lock guard{permit};
                u64 before = held;
                boost::this_fiber::yield();
                held = before + 1;
            }
        });
    auto took = clock_to_end(crowd * turns, std::move(tasks));
    check(held == took.ops, "two held the permit at a time");
    return took;
}

// Sends so many numbers, and waits for each to come back.
template <bool Deep> void call(u64 turns, channel &there, channel &back) {
    u64 sum = 0, number;
    for (u64 i = 0; i < turns; ++i) {
        there.push(i);
        depth<Deep>::call([&] { back.pop(number); });
        sum += number;
    }
    check(sum == sum_below(turns), "the sum is wrong");
    there.close();
}

template <bool Deep> void echo(channel &there, channel &back) {
    for (;;) {
        u64 number;
        fibers::channel_op_status status;
        depth<Deep>::call([&] { status = there.pop(number); });
        if (status == fibers::channel_op_status::closed)
            return;
        back.push(number);
    }
}

template <bool Deep> took chan_pingpong(u64 ops) {
    u64 turns = div_ceil(ops, 2);
    channel there{2}, back{2};
    std::vector<fiber> tasks;
    tasks.emplace_back([&] { echo<Deep>(there, back); });
    tasks.emplace_back([&] { call<Deep>(turns, there, back); });
    return clock_to_end(2 * turns, std::move(tasks));
}

static u64 sum_of(channel &channel) {
    u64 sum = 0, number;
    while (channel.pop(number) == fibers::channel_op_status::success)
        sum += number;
    return sum;
}

// As many fibers push to one channel as pop from it.
template <u64 Each> took chan_flow(u64 ops) {
    u64 numbers = div_ceil(ops, Each), producing = Each, total = 0;
    channel channel{128};
    std::vector<fiber> tasks;
    for (u64 i = 0; i < Each; ++i)
        tasks.emplace_back([&] {
            u64 sum = sum_of(channel);
            total += sum;
        });
    for (u64 i = 0; i < Each; ++i)
        tasks.emplace_back([&] {
            for (u64 number = 0; number < numbers; ++number)
                channel.push(number);
            if (--producing == 0)
                channel.close();
        });
    auto took = clock_to_end(Each * numbers, std::move(tasks));
    check(total == Each * sum_below(numbers), "the sum is wrong");
    return took;
}

static took notify_broadcast(u64 ops) {
    constexpr u64 waiters = 1000;
    u64 rounds = div_ceil(ops, waiters), round = 0, woken = 0;
    fibers::mutex mutex;
    fibers::condition_variable changed;
    std::vector<fiber> tasks;
    for (u64 i = 0; i < waiters; ++i)
        tasks.emplace_back([&] {
            std::unique_lock locked{mutex};
            for (u64 mine = 0; mine < rounds; ++mine) {
                changed.wait(locked, [&] { return round > mine; });
                ++woken;
            }
        });
    boost::this_fiber::yield(); // until all wait
    auto start = now();
    for (u64 i = 0; i < rounds; ++i) {
        {
            std::unique_lock locked{mutex};
            ++round;
        }
        changed.notify_all();
        boost::this_fiber::yield();
    }
    auto time = now() - start;
    check(woken == rounds * waiters, "a waiter was not woken");
    join(tasks);
    return {woken, time};
}

static took local_get(u64 ops) {
    fibers::fiber_specific_ptr<u64> variable;
    nanoseconds time;
    fiber([&] {
        variable.reset(new u64{1});
        u64 sum = 0;
        auto start = now();
        for (u64 i = 0; i < ops; ++i)
            sum += *variable;
        time = now() - start;
        check(sum == ops, "the variable is wrong");
    }).join();
    return {ops, time};
}

// Measures until both have ended, each in a fiber of an OS thread of its own.
template <typename F, typename G> took clock_threads(u64 ops, F one, G other) {
    auto start = now();
    std::thread beside{[&] { fiber(other).join(); }};
    fiber(one).join();
    beside.join();
    return {ops, now() - start};
}

static took shared_pingpong(u64 ops) {
    u64 turns = div_ceil(ops, 2);
    channel there{2}, back{2};
    return clock_threads(
        2 * turns, [&] { call<false>(turns, there, back); }, [&] { echo<false>(there, back); });
}

static took shared_stream(u64 ops) {
    channel channel{128};
    auto send = [&] {
        for (u64 number = 0; number < ops; ++number)
            channel.push(number);
        channel.close();
    };
    return clock_threads(ops, send, [&] { check(sum_of(channel) == sum_below(ops), "the sum is wrong"); });
}

// The product by jobs that fibers take from a channel; they put their results into another.

constexpr u64 N = 128; // rows and columns of each matrix
constexpr u64 workers = 16;
using matrix = std::vector<double>;

static matrix factor(u64 step) {
    matrix factor(N * N);
    for (u64 n = 0; n < N * N; ++n)
        factor[n] = double(n * step % 1009) / 1009;
    return factor;
}

static const matrix a = factor(7919), b = factor(104'729);

[[gnu::noinline]] static double dot(u64 i, u64 j) {
    double sum = 0;
    for (u64 k = 0; k < N; ++k)
        sum += a[i * N + k] * b[k * N + j];
    return sum;
}

struct elem {
    static constexpr u64 count = N * N;
    u64 number;
    double value;

    explicit elem(u64 number = 0) : number{number}, value{dot(number / N, number % N)} {}
    void place(matrix &product) const { product[number] = value; }
};

struct row {
    static constexpr u64 count = N;
    u64 number;
    std::vector<double> values;

    row() = default;
    explicit row(u64 number) : number{number}, values(N) {
        for (u64 j = 0; j < N; ++j)
            values[j] = dot(number, j);
    }
    void place(matrix &product) const {
        std::copy(values.begin(), values.end(), product.begin() + std::ptrdiff_t(number * N));
    }
};

template <typename Job> void multiply(matrix &product) {
    channel jobs{128};
    fibers::buffered_channel<Job> results{128};
    std::vector<fiber> tasks;
    for (u64 i = 0; i < workers; ++i)
        tasks.emplace_back([&] {
            for (u64 job : jobs)
                results.push(Job{job});
        });
    tasks.emplace_back([&] {
        for (u64 job = 0; job < Job::count; ++job)
            jobs.push(job);
        jobs.close();
    });
    for (u64 i = 0; i < Job::count; ++i)
        results.value_pop().place(product);
    join(tasks);
}

template <typename Job> took matmul(u64 ops) {
    static const matrix right = [] {
        matrix product(N * N);
        for (u64 n = 0; n < N * N; ++n)
            product[n] = dot(n / N, n % N);
        return product;
    }();
    matrix product(N * N);
    nanoseconds time{0};
    for (u64 i = 0; i < ops; ++i) {
        std::fill(product.begin(), product.end(), std::numeric_limits<double>::quiet_NaN());
        auto start = now();
        multiply<Job>(product);
        time += now() - start;
        check(product == right, "the product is wrong");
    }
    return {ops, time};
}

static const std::map<std::string, took (*)(u64)> workloads{
    {"yield2", yields<2, false>},
    {"yield2_deep", yields<2, true>},
    {"yield1000", yields<1000, false>},
    {"yield100k", yields<100'000, false>},
    {"spawn_join", spawn_join},
    {"spawn_batch", spawn_batch},
    {"sem_uncontended", sem_uncontended},
    {"sem_pingpong", sem_pingpong<false>},
    {"sem_pingpong_deep", sem_pingpong<true>},
    {"sem_contended", sem_contended},
    {"chan_pingpong", chan_pingpong<false>},
    {"chan_pingpong_deep", chan_pingpong<true>},
    {"chan_stream", chan_flow<1>},
    {"chan_mpmc", chan_flow<8>},
    {"notify_broadcast", notify_broadcast},
    {"local_get", local_get},
    {"matmul_elem", matmul<elem>},
    {"matmul_row", matmul<row>},
    {"shared_pingpong", shared_pingpong},
    {"shared_stream", shared_stream},
};

// Makes so many fibers that are blocked in mid-run, calls pause, and ends them.
static void block(u64 count, const std::function<void()> &pause) {
    semaphore gate{0};
    std::vector<fiber> tasks;
    for (u64 i = 0; i < count; ++i)
        tasks.emplace_back(std::allocator_arg, small(), [&] { gate.lock(); });
    boost::this_fiber::yield();
    pause();
    for (u64 i = 0; i < count; ++i)
        gate.unlock();
    join(tasks);
}

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words{line};
        std::string verb, name;
        u64 count;
        words >> verb;
        if (verb == "run" && words >> name >> count) {
            auto workload = workloads.find(name);
            if (workload == workloads.end()) {
                std::cout << "none" << std::endl;
            } else {
                auto took = workload->second(count);
                std::cout << "took " << took.ops << ' ' << took.time.count() << std::endl;
            }
        } else if (verb == "block" && words >> count) {
            block(count, [&] {
                std::cout << "blocked " << count << std::endl;
                std::getline(std::cin, line);
            });
            std::cout << "ended" << std::endl;
        } else {
            fail("asked for `" + line + "`");
        }
    }
}
