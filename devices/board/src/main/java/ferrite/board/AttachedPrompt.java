package ferrite.board;

import ferrite.debugport.MachinePrompt;
import ferrite.debugport.PromptClient;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.report.Violation;
import ferrite.kernel.base.Signal;
import ferrite.kernel.sched.Signals;
import ferrite.peripherals.console.Console;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One client at the machine's prompt: a front end for the lines that it typed. What the debugger can answer is answered at once, between two accesses, and so
 * changes no run, even while the machine is halted; everything else is typed for the guest's shell.
 */
final class AttachedPrompt implements FrontEnd, MachinePrompt.Attachment {

    private static final int FAILED = 1;
    /** What the shell says of a command that SIGINT ended. */
    private static final int INTERRUPTED = Signals.EXIT_STATUS + Signal.SIGINT;

    private final AttachedPrompts prompts;
    private final PromptClient client;
    private final Mistakes mistakes = new Mistakes();
    /** The line that waits for the shell, as the client calls it; it has one at most. */
    private int number;
    /** The same line, as the machine's console calls it. */
    private int input = -1;
    /** It has been taken by the shell, which has not started its command yet, and the command is to be interrupted then. */
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
            return;                                   // bye was said already
        }
        if (text.isEmpty()) {
            client.ended(lineNumber, 0);
        } else if (isLook(text)) {
            look(lineNumber, text);
        } else if (prompts.isHalted()) {
            fail(lineNumber, FAILED, "ferrite: the machine is halted, and runs no commands; 'continue' lets it run on");
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

    /** The shell has its own commands first; a machine that is halted has no shell. */
    private boolean isLook(String line) {
        return !line.endsWith("&") && prompts.monitor().find(line) != null && (prompts.isHalted() || !prompts.isShellCommand(firstWord(line)));
    }

    private void look(int lineNumber, String line) {
        String answer;
        try {
            answer = ReportText.of(prompts.monitor().execute(line));
        } catch (MonitorException e) {
            fail(lineNumber, FAILED, firstWord(line) + ": " + e.getMessage());
            return;
        } catch (RuntimeException | StackOverflowError e) {
            fail(lineNumber, FAILED, firstWord(line) + ": internal error: " + e);
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

    /** A line that the shell has not taken yet is taken back; to a command that runs, it is the interrupt key of the machine's console. */
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

    /** As a terminal that hangs up, it ends the command in the foreground. */
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

    /** Output of nobody is the local front end's. */
    @Override
    public void output(int stream, byte[] bytes) { }

    @Override
    public void violation(Violation violation, String text, String mistake) {
        if (mistakes.add(mistake)) {
            client.violation(text);
        }
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

    /** A command that the client typed. When it has left, what runs in the background goes on as if somebody listened. */
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
