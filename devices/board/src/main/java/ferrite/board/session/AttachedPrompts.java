package ferrite.board.session;

import ferrite.board.front.CommandRun;
import ferrite.board.front.FrontEnd;
import ferrite.debugport.MachinePrompt;
import ferrite.debugport.PromptClient;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.report.Violation;
import ferrite.kernel.shell.Shell;
import java.util.ArrayList;
import java.util.List;

/**
 * The clients that share the machine's prompt. Their lines arrive as posts, between two accesses, and become input of
 * the machine there, recorded with its moment. The one shell runs them when it is free, before the rest of a script.
 */
final class AttachedPrompts implements MachinePrompt {

    private final Session session;
    private final RunningCommands commands;
    private final List<AttachedPrompt> clients = new ArrayList<>();
    private int endStatus = -1;
    private String endReason;

    AttachedPrompts(Session session, RunningCommands commands) {
        this.session = session;
        this.commands = commands;
    }

    @Override
    public Attachment attach(PromptClient client) {
        AttachedPrompt attached = new AttachedPrompt(this, client);
        if (hasEnded()) {
            client.bye(endStatus, endReason);
        } else {
            clients.add(attached);
        }
        return attached;
    }

    void remove(AttachedPrompt client) {
        clients.remove(client);
    }

    boolean areAny() {
        return !clients.isEmpty();
    }

    boolean hasEnded() {
        return endStatus >= 0;
    }

    List<String> complete(List<String> words, String word) {
        return new CommandCompletion(session.board()).ofMachine(words, word);
    }

    boolean isHalted() {
        return session.board().machine().control().isHalted();
    }

    Monitor monitor() {
        return session.board().monitor();
    }

    boolean isShellCommand(String name) {
        Shell shell = session.board().shell();
        return shell != null && shell.commands().stream().anyMatch(command -> command.name().equals(name));
    }

    /** Gives the machine a line for the shell. Returns its number among all input. */
    int type(AttachedPrompt by, String line) {
        int number = session.board().console().inputAhead(line);
        commands.typed(number, by);
        return number;
    }

    /** Takes a line back, unless the shell has taken it. Returns whether it did. */
    boolean takeBack(int number) {
        return session.board().console().takeBack(number);
    }

    /** Presses the interrupt key, if it reaches a command of this client. Returns whether it does. */
    boolean interrupt(AttachedPrompt by) {
        CommandRun foreground = commands.foreground();
        boolean isOwn = foreground != null && foreground.typedAt() == by;
        if (isOwn) {
            session.board().console().pressInterruptKey();
        }
        return isOwn;
    }

    /** As {@link #interrupt}, at the next moment at which input can be given. */
    void interruptSoon(AttachedPrompt by) {
        session.board().machine().control().post(() -> interrupt(by));
    }

    void violation(Violation violation, String text, String mistake) {
        clients.forEach(client -> client.violation(violation, text, mistake));
    }

    /** Ends the lines of clients that the shell had not taken when the machine returned to a snapshot. */
    void restored(List<FrontEnd> typists) {
        clients.stream().filter(typists::contains).forEach(AttachedPrompt::lineIsLost);
    }

    void notice(String text) {
        clients.forEach(client -> client.notice(text));
    }

    /**
     * Tells all clients that the run is over.
     *
     * @param by the client that switched the machine off, or null
     */
    void end(int status, String reason, FrontEnd by) {
        if (hasEnded()) {
            return;
        }
        endStatus = status;
        endReason = reason;
        clients.forEach(client -> client.end(status, client == by ? "" : reason));
        clients.clear();
    }
}
