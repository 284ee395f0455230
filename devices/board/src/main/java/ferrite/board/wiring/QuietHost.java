package ferrite.board.wiring;

import ferrite.hardware.report.Violation;
import ferrite.kernel.shell.CommandWatcher;

/** A host that drops a machine's output: for a run whose machine is only looked at. */
public class QuietHost implements BoardHost {

    @Override
    public void lineTaken(int number, String line) { }

    @Override
    public CommandWatcher commands() {
        return CommandWatcher.NONE;
    }

    @Override
    public void output(int stream, byte[] bytes) { }

    @Override
    public void commandEnded(int pid, int status) { }

    @Override
    public void switchedOff() { }

    @Override
    public void serialOutput(int value) { }

    @Override
    public void kernelLog(String line) { }

    @Override
    public void violation(Violation violation) { }
}
