package ferrite.benchmarks;

import ferrite.board.options.BoardOptions;
import ferrite.board.session.Session;
import ferrite.board.wiring.Board;
import ferrite.hardware.turn.Turn;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A machine with four harts, built, booted until its shell waits for a line, and closed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BootBenchmark {

    @Param({"32", "1024", "3072"})
    private long mebibytes;

    @Benchmark
    public Turn.Stop boot() throws IOException {
        Session.Streams nowhere = new Session.Streams(OutputStream.nullOutputStream(),
                new PrintStream(OutputStream.nullOutputStream()), OutputStream.nullOutputStream(), false);
        try (Session session = new Session(new BoardOptions().ram(mebibytes << 20), null, () -> null,
                nowhere, violation -> "")) {
            Board board = session.board();
            return board.machine().turn().run();
        }
    }
}
