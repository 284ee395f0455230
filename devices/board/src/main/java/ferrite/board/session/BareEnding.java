package ferrite.board.session;

import ferrite.board.front.CrashReport;
import ferrite.board.wiring.BareBoard;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.model.ModelFailure;
import ferrite.hardware.report.Durations;
import ferrite.hardware.turn.SpinWatch;
import ferrite.hardware.turn.Turn;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Collectors;

/** Reports the end of a bare program's run, in words and as an exit status. */
final class BareEnding {

    private final BareBoard board;
    private final List<SpinWatch.Spin> spins;
    private final boolean inputEnded;
    private final PrintStream err;
    private String reason;

    /**
     * @param spins      the harts that spin for ever
     * @param inputEnded whether the program was told that its input has ended
     */
    BareEnding(BareBoard board, List<SpinWatch.Spin> spins, boolean inputEnded, PrintStream err) {
        this.board = board;
        this.spins = spins;
        this.inputEnded = inputEnded;
        this.err = err;
    }

    /** Returns the reason of the end that was reported, as a sentence without its full stop. */
    String reason() {
        return reason;
    }

    int report(Turn.Stop stop) {
        return switch (stop) {
            case POWERED_OFF -> poweredOff();
            case CRASHED -> crashed();
            case INSTRUCTION_LIMIT ->
                    notFinished("--max-instructions ran out after " + board.instructions() + " instructions");
            case TIME_LIMIT -> notFinished("--max-time ran out after " + Durations.write(board.timeLimit()));
            case ALL_WAIT -> notFinished("every hart waits, and nothing is left to happen");
            case SPINNING -> notFinished(spinning());
            case PANIC -> panicked(board.machine().turn().panic());
            default -> throw new IllegalStateException("a bare program stopped for " + stop,
                    board.machine().turn().panic());
        };
    }

    private String spinning() {
        CrashReport places = new CrashReport(board.machine(), board.symbols());
        return "the program spins for ever: " + spins.stream().map(spin -> "hart " + spin.hart() + " at pc "
                + places.at(spin.pc()) + " in a loop of " + spin.instructions()
                + (spin.instructions() == 1 ? " instruction" : " instructions")).collect(Collectors.joining(", "))
                + "; nothing changes, no event is due, and "
                + (inputEnded ? "the input has ended" : "it waits for no input");
    }

    private int poweredOff() {
        int code = board.exitCode();
        if (board.wantsReset()) {
            reason = "the program asked for a reboot" + (code == 0 ? "" : ", with code " + code)
                    + ", which --no-reboot makes the end";
            err.println(reason);
            return code == 0 ? ExitStatus.SUCCESS : ExitStatus.FAILED;
        }
        if (code == 0) {
            reason = "the program reported success";
            return 0;
        }
        reason = "the program reported failure, with code " + code;
        err.println(reason);
        return ExitStatus.FAILED;
    }

    /** Reports the end because of a model of a device. Nothing else of a bare machine is written in Java. */
    private int panicked(Throwable panic) {
        if (panic instanceof TimeLimitReached) {
            return notFinished(panic.getMessage());
        }
        if (panic instanceof ModelFailure failure) {
            reason = failure.getMessage();
            err.println(reason);
            failure.frames().forEach(err::println);
            return ExitStatus.PANIC;
        }
        throw new IllegalStateException("a bare program stopped for " + panic, panic);
    }

    private int notFinished(String why) {
        reason = why;
        err.println(why);
        return ExitStatus.NOT_FINISHED;
    }

    private int crashed() {
        CrashReport report = new CrashReport(board.machine(), board.symbols());
        for (Hart hart : board.machine().harts()) {
            if (hart.crash() != null) {
                reason = reason == null ? "hart " + hart.id() + " crashed" : reason;
                err.print(report.of(hart));
            }
        }
        return ExitStatus.FAILED;
    }
}
