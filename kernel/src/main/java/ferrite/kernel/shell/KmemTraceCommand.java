package ferrite.kernel.shell;

import ferrite.hardware.report.Report;
import ferrite.hardware.report.ReportText;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.Tracepoint;
import ferrite.kernel.monitor.AllocationLog;

/**
 * {@code kmem-trace}, after pwndbg's: runs a command in its own task, and lists the allocations and frees of all tasks
 * until the command ends. Listening takes no time of the machine; printing the list does.
 */
final class KmemTraceCommand implements Command {

    @Override
    public String name() {
        return "kmem-trace";
    }

    @Override
    public String usage() {
        return "kmem-trace COMMAND";
    }

    @Override
    public String summary() {
        return "run a command, then list what was allocated and freed meanwhile, and what is still held";
    }

    @Override
    public String example() {
        return "kmem-trace cat /proc/dma";
    }

    @Override
    public int run(CommandContext context) {
        if (context.arguments().isEmpty()) {
            return context.fail("a command is missing; for example kmem-trace cat /proc/dma") + 1;
        }
        if (context.arguments().get(0).equals(name())) {
            return context.fail("one trace at a time: name the command itself, as in kmem-trace cat /proc/dma") + 1;
        }
        if (context.arguments().get(0).matches("exec|.*/.*")) {
            return context.fail("a program of --root is not traced: it is no command") + 1;
        }
        AllocationLog log = new AllocationLog(context.machine());
        Tracepoint<MemoryEvent> events = context.kernel().base().events().memory();
        int status;
        events.add(log);
        try {
            status = context.inner().run();
        } finally {
            events.remove(log);
        }
        Report report = log.report();
        context.show(() -> report);
        context.out(ReportText.of(report));
        return status;
    }
}
