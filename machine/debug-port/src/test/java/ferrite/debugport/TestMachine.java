package ferrite.debugport;

import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real monitor with a few commands, and the thread that holds its turn. */
final class TestMachine implements AutoCloseable {

    static final int BIG = 8 << 20;

    /** A command as a function, which returns its text or throws. */
    private interface Action {
        String run(String arguments) throws MonitorException;
    }

    final List<String> ran = new CopyOnWriteArrayList<>();
    final ExecutorService turn = Executors.newSingleThreadExecutor(work -> {
        Thread thread = new Thread(work, "turn");
        thread.setDaemon(true);
        return thread;
    });
    final Monitor monitor = new Monitor()
            .add(command("echo", arguments -> arguments + "\n"))
            .add(command("thread", arguments -> Thread.currentThread().getName()))
            .add(command("big", arguments -> "x".repeat(BIG) + "\n"))
            .add(command("refuse", arguments -> {
                throw new MonitorException("refused because\nof " + arguments);
            }))
            .add(command("crash", arguments -> {
                throw new IllegalStateException("two\nlines");
            }))
            .add(command("unwind", arguments -> {
                throw new Unwinding();
            }));

    @Override
    public void close() {
        turn.shutdownNow();
    }

    private MonitorCommand command(String name, Action action) {
        return new MonitorCommand() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public String usage() {
                return name + " [WORDS]";
            }

            @Override
            public String summary() {
                return "for a test";
            }

            @Override
            public Report run(String arguments) throws MonitorException {
                ran.add(name);
                return Report.ofText(name, action.run(arguments));
            }
        };
    }

    /** An error like the machine's own, which passes through everything and has no stack trace. */
    private static final class Unwinding extends Error {

        private static final long serialVersionUID = 1;

        Unwinding() {
            super("unwinding", null, false, false);
        }
    }
}
