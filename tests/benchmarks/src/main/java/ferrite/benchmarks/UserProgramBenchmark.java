package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.kernel.check.Checks;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Programs of machine code: a system call, a page fault, a pipe, a fork with the child's end. Run it from the top of
 * the repository, which has the program.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class UserProgramBenchmark {

    private static final Path PROGRAM = Path.of("firmware-images/user/images/pace.elf");
    private static final int CALLS = 100_000;
    private static final int FAULTS = 5120;
    private static final int FORKS = 50;

    @Param({"default", "none"})
    private String checks;

    private Path root;
    private MachineRun machine;

    @Setup(Level.Trial)
    public void start() throws IOException {
        root = Files.createTempDirectory("ferrite");
        Path program = Files.copy(PROGRAM, root.resolve("pace"));
        if (!program.toFile().setExecutable(true)) {
            throw new IOException(program + " cannot be made executable");
        }
        machine = MachineRun.start(new BoardOptions().harts(1).ram(64 << 20).root(root).owners(false)
                .checks(Checks.parse(checks)));
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        machine.close();
        Files.delete(root.resolve("pace"));
        Files.delete(root);
    }

    private void run(String what, int count) {
        machine.type("exec /pace " + what + " " + count);
        if (machine.failedCommands() != 0) {
            throw new IllegalStateException(machine.err());
        }
    }

    /** {@code getpid}. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void systemCall() {
        run("getpid", CALLS);
    }

    /** The first store to a page, with its part of {@code mmap} and {@code munmap}. */
    @Benchmark
    @OperationsPerInvocation(FAULTS)
    public void pageFault() {
        run("fault", FAULTS);
    }

    /** 64 bytes into a pipe and out of it. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public void pipe() {
        run("pipe", CALLS);
    }

    /** A child that ends at once, and the wait for it. */
    @Benchmark
    @OperationsPerInvocation(FORKS)
    public void fork() {
        run("fork", FORKS);
    }
}
