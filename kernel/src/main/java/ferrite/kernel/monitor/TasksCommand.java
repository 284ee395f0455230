package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.monitor.MonitorCommand;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Hex;
import ferrite.hardware.report.Report;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.driver.CallsOnStack;
import java.util.function.Supplier;

/** The monitor's {@code tasks}: the tasks of the kernel, each with its record. */
public final class TasksCommand implements MonitorCommand {

    private final Machine machine;
    private final Supplier<Kernel> kernel;

    public TasksCommand(Machine machine, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.kernel = kernel;
    }

    @Override
    public String name() {
        return "tasks";
    }

    @Override
    public String usage() {
        return "tasks";
    }

    @Override
    public String summary() {
        return "the tasks of the kernel: state, hart, time on a hart, and the kernel call that each is in";
    }

    @Override
    public Report run(String arguments) throws MonitorException {
        if (!kernel.get().isUp()) {
            throw new MonitorException("the kernel has not booted yet: there are no tasks");
        }
        ReadableMemory view = machine.peek(0);
        Report report = Report.of("tasks");
        try {
            for (long task : kernel.get().tasks().tasks().all(view)) {
                report.child(describe(view, task));
            }
        } catch (BusFault damaged) {
            report.text("damaged", "the list of tasks points to no memory: " + damaged.getMessage());
        }
        return report;
    }

    private Report describe(ReadableMemory view, long task) {
        String call = CallsOnStack.innermost(kernel.get().tasks().scheduler().strandOf(task));
        Report report = Report.of(TaskLayout.COMM.get(view, task)).number("pid", TaskLayout.PID.get(view, task))
                .text("state", TaskLayout.stateLetter(TaskLayout.STATE.get(view, task)))
                .number("hart", TaskLayout.HART.get(view, task))
                .number("microseconds", TaskLayout.RUNTIME.get(view, task) / Clock.TICKS_PER_MICROSECOND)
                .text("preempt_count", "0x" + Hex.digits(TaskLayout.PREEMPT_COUNT.get(view, task) & 0xffff_ffffL, 1))
                .address("task_struct", task);
        return call == null ? report : report.text("in_call", call);
    }
}
