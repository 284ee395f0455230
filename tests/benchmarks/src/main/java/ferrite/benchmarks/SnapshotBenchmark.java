package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.hardware.Machine;
import ferrite.testkit.MachineRun;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Snapshots of a booted machine with 1 GiB and four harts, and restores after a small command, with the kernel attached
 * anew.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SnapshotBenchmark {

    private MachineRun run;
    private Machine.Snapshot booted;

    @Setup(Level.Trial)
    public void start() throws IOException {
        run = MachineRun.start(new BoardOptions());
        booted = run.board().snapshot();
    }

    @TearDown(Level.Trial)
    public void stop() {
        run.close();
    }

    /** A machine that a small command has changed, with 1 GiB and four harts. */
    @State(Scope.Benchmark)
    public static class AfterACommand {

        private MachineRun run;
        private Machine.Snapshot booted;

        @Setup(Level.Trial)
        public void start() throws IOException {
            run = MachineRun.start(new BoardOptions());
            booted = run.board().snapshot();
        }

        @TearDown(Level.Trial)
        public void stop() {
            run.close();
        }

        @Setup(Level.Invocation)
        public void command() {
            run.type("echo x");
            run.forgetOutput();
        }
    }

    /** Restores changed pages, harts and devices, removes the Java stacks, and attaches the kernel. */
    @Benchmark
    public void restoreAfterACommand(AfterACommand machine) {
        machine.run.board().restore(machine.booted);
    }

    /**
     * Restores the machine after the previous command, and runs the command; its tasks need new host threads each time.
     */
    @Benchmark
    public void restoreAndCommand() {
        run.board().restore(booted);
        run.type("echo x");
        run.forgetOutput();
    }

    /** Runs the same command without a restore, to subtract its time. */
    @Benchmark
    public void commandAlone() {
        run.type("echo x");
        run.forgetOutput();
    }

    @Benchmark
    public void snapshotAndRestoreUnchanged() {
        run.board().restore(booted);
        booted = run.board().snapshot();
    }
}
