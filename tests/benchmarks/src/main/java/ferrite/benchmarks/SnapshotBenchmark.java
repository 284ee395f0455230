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

/** A booted machine of 1 GiB and four harts: remembering it, and returning to it after a small command, with the kernel attached anew. */
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

    /** A machine that a small command has changed: 1 GiB, four harts. */
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

    /** Pages that the command changed, harts, devices; Java stacks taken away, the kernel attached. */
    @Benchmark
    public void restoreAfterACommand(AfterACommand machine) {
        machine.run.board().restore(machine.booted);
    }

    /** Back from where the command before left it, and the command; its tasks need new host threads each time. */
    @Benchmark
    public void restoreAndCommand() {
        run.board().restore(booted);
        run.type("echo x");
        run.forgetOutput();
    }

    /** The same without going back, to be subtracted. */
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
