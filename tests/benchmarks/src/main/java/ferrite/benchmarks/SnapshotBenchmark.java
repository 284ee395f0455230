package ferrite.benchmarks;

import ferrite.board.BoardOptions;
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
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
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

    /** Only the machine: pages that a command changed, harts, devices, and the Java stacks taken away. */
    @Benchmark
    public void restoreMachineAfterACommand() {
        run.board().machine().restore(booted);
        run.board().reattach();
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
