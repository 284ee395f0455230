package ferrite.board.session;

import ferrite.board.front.CrashReport;
import ferrite.board.wiring.BareBoard;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.model.ModelFailure;
import ferrite.hardware.turn.Turn;
import java.io.PrintStream;

/** Reports the end of a bare program's run, in words and as an exit status. */
final class BareEnding {

    private final BareBoard board;
    private final PrintStream err;

    BareEnding(BareBoard board, PrintStream err) {
        this.board = board;
        this.err = err;
    }

    int report(Turn.Stop stop) {
        return switch (stop) {
            case POWERED_OFF -> poweredOff();
            case CRASHED -> crashed();
            case INSTRUCTION_LIMIT ->
                    notFinished("--max-instructions ran out after " + board.instructions() + " instructions");
            case ALL_WAIT -> notFinished("every hart waits, and nothing is left to happen");
            case PANIC -> panicked(board.machine().turn().panic());
            default -> throw new IllegalStateException("a bare program stopped for " + stop,
                    board.machine().turn().panic());
        };
    }

    private int poweredOff() {
        int code = board.exitCode();
        if (code == 0) {
            return 0;
        }
        err.println("the program reported failure, with code " + code);
        return ExitStatus.FAILED;
    }

    /** Reports the end because of a model of a device. Nothing else of a bare machine is written in Java. */
    private int panicked(Throwable panic) {
        if (panic instanceof TimeLimitReached) {
            return notFinished(panic.getMessage());
        }
        if (panic instanceof ModelFailure failure) {
            err.println(failure.getMessage());
            failure.frames().forEach(err::println);
            return ExitStatus.PANIC;
        }
        throw new IllegalStateException("a bare program stopped for " + panic, panic);
    }

    private int notFinished(String why) {
        err.println(why);
        return ExitStatus.NOT_FINISHED;
    }

    private int crashed() {
        CrashReport report = new CrashReport(board.machine(), board.symbols());
        for (Hart hart : board.machine().harts()) {
            if (hart.crash() != null) {
                err.print(report.of(hart));
            }
        }
        return ExitStatus.FAILED;
    }
}
