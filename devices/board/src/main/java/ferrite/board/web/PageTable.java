package ferrite.board.web;

import ferrite.hardware.Machine;
import ferrite.hardware.monitor.Monitor;
import ferrite.hardware.monitor.MonitorCommand;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of a machine's pages. Most pages show the report of a monitor command. Without the command there is no
 * page: a bare machine has no {@code zones}.
 */
final class PageTable {

    static final String ROOT = "/api/v1";

    private static final int MAX_PID = 999_999_999;
    private static final int MAX_EVENTS = 256;

    private final List<Page> pages = new ArrayList<>();
    private final Monitor monitor;

    private PageTable(Machine machine, Monitor monitor) {
        this.monitor = monitor;
        Parameter hart = Parameter.number("hart", "the hart; without it hart 0, or each", machine.harts().size() - 1);
        add("harts", "info registers", hart);
        add("csrs", "info csrs", hart);
        add("tlb", "info tlb", hart);
        add("mappings", "info mem", hart);
        add("walk", "walk", Parameter.address("va", true, "the virtual address"), hart);
        MemoryPage memory = new MemoryPage(machine);
        pages.add(new Page(ROOT + "/memory", "bytes of memory", memory.parameters(hart), memory));
        add("interrupts", "irq");
        add("dma", "dma");
        add("virtio", "virtio");
        add("violations", "violations");
        add("zones", "zones");
        add("buddyinfo", "buddyinfo");
        add("slabs", "slabs");
        add("pools", "pools");
        add("swiotlb", "swiotlb");
        add("tasks", "tasks");
        add("backtrace", "bt", Parameter.number("pid", "the task; without it each hart's current code", MAX_PID));
        add("trace", "trace last", Parameter.number("count", "the number of events, 20 without it", MAX_EVENTS));
        add("who", "who", Parameter.address("address", true, "a virtual or physical address"));
    }

    static List<Page> of(Machine machine, Monitor monitor) {
        return List.copyOf(new PageTable(machine, monitor).pages);
    }

    /** Adds a page with the report of a command. The values of the parameters are its arguments, in order. */
    private void add(String name, String command, Parameter... parameters) {
        MonitorCommand found = monitor.find(command);
        if (found == null || !found.name().equals(command)) {
            return;
        }
        List<Parameter> all = List.of(parameters);
        pages.add(new Page(ROOT + "/" + name, found.summary(), all, values -> {
            StringBuilder line = new StringBuilder(command);
            for (Parameter parameter : all) {
                if (values.containsKey(parameter.name())) {
                    line.append(' ').append(values.get(parameter.name()));
                }
            }
            return monitor.execute(line.toString());
        }));
    }
}
