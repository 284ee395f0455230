package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.hardware.turn.Strand;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.log.JavaStack;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The monitor's {@code bt}: the Java frames of a task or of a hart's current code, as GDB prints frames. Frames that
 * call sites leave out are marked.
 */
public final class BacktraceCommand implements MonitorCommand {

    private static final int MAX_FRAMES = 100;
    private static final Pattern HART = Pattern.compile("hart ?([0-9])");

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public BacktraceCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "bt";
    }

    @Override
    public String usage() {
        return "bt [PID | TASK | hart N]";
    }

    @Override
    public String summary() {
        return "the Java frames of a task, by number or name, or of each hart's current code; [kernel] marks frames "
                + "that reports leave out";
    }

    @Override
    public List<String> examples() {
        return List.of("bt", "bt 1", "bt sh", "bt hart 0");
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no tasks");
        }
        StringBuilder text = new StringBuilder();
        Matcher typed = HART.matcher(arguments);
        Report report = Report.of("bt");
        if (arguments.isEmpty()) {
            machine.harts().forEach(hart -> report.child(ofHart(text, hart)));
        } else if (typed.matches()) {
            report.child(ofHart(text, hart(Integer.parseInt(typed.group(1)))));
        } else {
            report.child(ofTask(text, task(arguments)));
        }
        Report whole = Report.ofText("bt", text.toString());
        report.children().forEach(whole::child);
        return whole;
    }

    private Hart hart(int number) throws MonitorException {
        if (number >= machine.harts().size()) {
            throw new MonitorException("there is no hart " + number + ": this machine has harts 0 to "
                    + (machine.harts().size() - 1));
        }
        return machine.harts().get(number);
    }

    /** Finds a task by its number, or the first with this name. */
    private long task(String typed) throws MonitorException {
        ReadableMemory view = machine.peek(0);
        for (long task : kernel.get().tasks().tasks().all(view)) {
            if (Integer.toString(TaskLayout.PID.get(view, task)).equals(typed)
                    || TaskLayout.COMM.get(view, task).equals(typed)) {
                return task;
            }
        }
        throw new MonitorException("there is no task '" + typed + "'; 'tasks' lists them");
    }

    private Report ofHart(StringBuilder text, Hart hart) {
        String task = describe(hart.currentTask());
        Report report = Report.of("hart " + hart.id()).text("task", task);
        text.append("hart ").append(hart.id()).append(", ").append(task).append('\n');
        Strand strand = machine.turn().strands().on(hart.id());
        if (strand == null) {
            String at = "machine code at " + Hex.address(hart.pc() & 0xffff_ffffL) + ", no Java frames";
            text.append("  ").append(at).append('\n');
            return report.text("state", at);
        }
        return frames(text, report, JavaStack.of(strand));
    }

    private Report ofTask(StringBuilder text, long task) {
        Report report = Report.of(describe(task));
        text.append(describe(task)).append('\n');
        Strand strand = kernel.get().tasks().scheduler().strandOf(task);
        return frames(text, report, strand == null ? List.of() : JavaStack.of(strand));
    }

    private String describe(long task) {
        try {
            ReadableMemory view = machine.peek(0);
            return task == 0 ? "no task" : "task " + TaskLayout.PID.get(view, task) + " '"
                    + TaskLayout.COMM.get(view, task) + "', "
                    + TaskLayout.stateLetter(TaskLayout.STATE.get(view, task));
        } catch (BusFault damaged) {
            return "a task with a damaged record";
        }
    }

    private static Report frames(StringBuilder text, Report report, List<JavaStack.Frame> frames) {
        if (frames.isEmpty()) {
            String none = "at its restart point: no Java frames";
            text.append("  ").append(none).append('\n');
            return report.text("state", none);
        }
        for (int i = 0; i < Math.min(frames.size(), MAX_FRAMES); i++) {
            JavaStack.Frame frame = frames.get(i);
            text.append(String.format(Locale.ROOT, "#%-2d ", i)).append(frame)
                    .append(frame.plumbing() ? "  [kernel]\n" : "\n");
            Report child = Report.of("#" + i).text("class", frame.type()).text("method", frame.method());
            if (frame.file() != null) {
                child.text("file", frame.file()).number("line", frame.line());
            }
            report.child(child.text("plumbing", frame.plumbing() ? "yes" : "no"));
        }
        if (frames.size() > MAX_FRAMES) {
            text.append("... and ").append(frames.size() - MAX_FRAMES).append(" more\n");
        }
        return report.number("frames", frames.size());
    }
}
