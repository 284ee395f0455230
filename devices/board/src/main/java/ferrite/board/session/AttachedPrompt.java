package ferrite.board.session;

import ferrite.board.front.CommandRun;
import ferrite.board.front.FrontEnd;
import ferrite.board.front.Mistakes;
import ferrite.debugport.MachinePrompt;
import ferrite.debugport.PromptClient;
import ferrite.debugport.Rights;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.report.Violation;
import ferrite.kernel.base.Signal;
import ferrite.kernel.grammar.Parser;
import ferrite.kernel.sched.Signals;
import ferrite.peripherals.console.Console;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One client at the machine's prompt: a front end for the lines that it types. The monitor's commands are answered at
 * once, between two accesses, even while the machine is halted, and change no run. Every other line is given to the
 * guest's shell.
 */
final class AttachedPrompt implements FrontEnd, MachinePrompt.Attachment {

    /** The shell's status of a command that SIGINT ended. */
    private static final int INTERRUPTED = Signals.EXIT_STATUS + Signal.SIGINT;

    private final AttachedPrompts prompts;
    private final PromptClient client;
    private final Mistakes mistakes = new Mistakes();
    /** The client's number of its line that waits for the shell. A client has one at most. */
    private int number;
    /** The console's number of the same line. */
    private int input = -1;
    /**
     * Whether to interrupt the line's command when it starts. The shell has taken the line, and has not started the
     * command yet.
     */
    private boolean interruptWanted;
    private boolean gone;

    AttachedPrompt(AttachedPrompts prompts, PromptClient client) {
        this.prompts = prompts;
        this.client = client;
    }

    // ---- the client's side ----

    @Override
    public void line(int lineNumber, String line) {
        String text = line.strip();
        if (prompts.hasEnded() || gone) {
            return;                                   // the client has been told goodbye
        }
        if (text.isEmpty()) {
            client.ended(lineNumber, 0);
        } else if (isLook(text)) {
            look(lineNumber, text);
        } else if (!client.rights().include(Rights.COMMAND)) {
            fail(lineNumber, ExitStatus.FAILED, "ferrite: this client has not named the machine's token, so it may "
                    + "look, but type nothing for the shell; 'ferrite attach' of the machine's own user "
                    + "finds the token, --token-file FILE names it, and a machine with --debug-open needs none");
        } else if (prompts.isHalted()) {
            fail(lineNumber, ExitStatus.FAILED,
                    "ferrite: the machine is halted, and runs no commands; 'continue' lets it run on");
        } else {
            number = lineNumber;
            interruptWanted = false;
            input = prompts.type(this, text);
        }
    }

    @Override
    public List<String> complete(List<String> words, String word) {
        return prompts.hasEnded() || gone ? List.of() : prompts.complete(words, word);
    }

    /**
     * Returns whether the monitor answers a line. The shell's own commands go first, unless the machine is halted, or
     * the client may not use the shell.
     */
    private boolean isLook(String line) {
        return !line.endsWith("&") && prompts.monitor().find(line) != null && (prompts.isHalted()
                || !client.rights().include(Rights.COMMAND)
                || Parser.isPlain(line) && !prompts.isShellCommand(firstWord(line)));
    }

    private void look(int lineNumber, String line) {
        String answer;
        try {
            answer = ReportText.of(prompts.monitor().execute(line, client.rights().most()));
        } catch (MonitorException e) {
            fail(lineNumber, ExitStatus.FAILED, firstWord(line) + ": " + e.getMessage());
            return;
        } catch (RuntimeException | StackOverflowError e) {
            fail(lineNumber, ExitStatus.FAILED, firstWord(line) + ": internal error: " + e);
            return;
        }
        client.output(lineNumber, false, answer.getBytes(StandardCharsets.UTF_8));
        client.ended(lineNumber, 0);
    }

    private void fail(int lineNumber, int status, String sentence) {
        client.output(lineNumber, true, (sentence + "\n").getBytes(StandardCharsets.UTF_8));
        client.ended(lineNumber, status);
    }

    private static String firstWord(String line) {
        return line.split("\\s+", 2)[0];
    }

    /** Takes the line back from the console, or else presses the interrupt key for its command. */
    @Override
    public void interrupt() {
        if (!prompts.hasEnded() && !takeBack() && !prompts.interrupt(this)) {
            interruptWanted = true;
        }
    }

    private boolean takeBack() {
        boolean wasThere = prompts.takeBack(input);
        if (wasThere) {
            fail(number, INTERRUPTED, "ferrite: interrupted before the shell was free");
        }
        return wasThere;
    }

    /** Interrupts the command in the foreground, as a terminal that hangs up does. */
    @Override
    public void detach() {
        if (!gone && !prompts.hasEnded()) {
            interrupt();
            prompts.remove(this);
            end(0, "");
        }
    }

    // ---- the machine's side ----

    @Override
    public CommandRun begin(String line) {
        return new Command(number, line.isEmpty());
    }

    /** Does nothing: the local front end shows output that belongs to no command. */
    @Override
    public void output(int stream, byte[] bytes) { }

    @Override
    public void violation(Violation violation, String text, String mistake) {
        if (mistakes.add(mistake)) {
            client.violation(text);
        }
    }

    /** Ends the line that the shell has not taken. */
    void lineIsLost() {
        fail(number, ExitStatus.FAILED, "ferrite: the machine has returned to a snapshot, and the line is lost");
    }

    /** Shows the client a text that is no violation. */
    void notice(String text) {
        client.notice(text);
    }

    @Override
    public void finish() {
        mistakes.more().forEach(line -> client.violation(line + "\n"));
    }

    void end(int status, String reason) {
        finish();
        client.bye(status, reason);
        gone = true;
    }

    /**
     * A command that the client typed. In the background it goes on after the client has left; its output is dropped
     * then.
     */
    private final class Command implements CommandRun {

        private final int lineNumber;
        private final boolean takenBack;

        Command(int lineNumber, boolean takenBack) {
            this.lineNumber = lineNumber;
            this.takenBack = takenBack;
        }

        @Override
        public void output(int stream, byte[] bytes) {
            if (isHeard()) {
                client.output(lineNumber, stream != Console.STANDARD_OUTPUT, bytes);
            }
        }

        @Override
        public void comesToForeground() {
            if (interruptWanted) {
                interruptWanted = false;
                prompts.interruptSoon(AttachedPrompt.this);
            }
        }

        @Override
        public void goesOnInBackground() {
            if (isHeard()) {
                client.background(lineNumber);
            }
        }

        @Override
        public void ended(int status) {
            if (isHeard()) {
                client.ended(lineNumber, status);
            }
        }

        private boolean isHeard() {
            return !gone && !takenBack;
        }

        @Override
        public FrontEnd typedAt() {
            return AttachedPrompt.this;
        }
    }
}
