package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.monitor.Monitor;
import ferrite.kernel.core.AllocatorEvent;
import ferrite.kernel.core.KernelEvents;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.TaskEvent;
import ferrite.kernel.core.Tracepoint;
import java.util.function.Consumer;

/** The kernel's kinds of {@code trace on}: {@code alloc}, {@code buddy}, {@code slab} and {@code sched}. */
public final class KernelTraces {

    private KernelTraces() { }

    /** Adds the kinds to a monitor. They outlive kernel objects, as {@code events} does. */
    public static void addTo(Monitor monitor, Machine machine, KernelEvents events) {
        KernelEventText text = new KernelEventText(machine);
        Consumer<MemoryEvent> memory = event -> machine.events().tell(MachineEvents.ALLOC, () -> text.report(event));
        Consumer<MemoryEvent> fallbacks = event -> {
            if (event.isZoneFallback() || event.source() == MemoryEvent.Source.PAGE
                    && event.kind() == MemoryEvent.Kind.FAIL) {
                machine.events().tell(MachineEvents.BUDDY, () -> text.buddy(event));
            }
        };
        Consumer<MemoryEvent> objects = event -> {
            if (event.source() == MemoryEvent.Source.SLAB) {
                machine.events().tell(MachineEvents.SLAB, () -> text.object(event));
            }
        };
        Consumer<AllocatorEvent> blocks = event -> {
            if (!event.isOfSlabs()) {
                machine.events().tell(MachineEvents.BUDDY, () -> text.report(event));
            }
        };
        Consumer<AllocatorEvent> slabs = event -> {
            if (event.isOfSlabs()) {
                machine.events().tell(MachineEvents.SLAB, () -> text.report(event));
            }
        };
        Consumer<TaskEvent> tasks = event -> machine.events().tell(MachineEvents.SCHED, () -> text.report(event));
        monitor.addTrace(MachineEvents.ALLOC, on -> set(events.memory(), memory, on));
        monitor.addTrace(MachineEvents.BUDDY, on -> {
            set(events.memory(), fallbacks, on);
            set(events.allocators(), blocks, on);
        });
        monitor.addTrace(MachineEvents.SLAB, on -> {
            set(events.memory(), objects, on);
            set(events.allocators(), slabs, on);
        });
        monitor.addTrace(MachineEvents.SCHED, on -> set(events.tasks(), tasks, on));
    }

    private static <E> void set(Tracepoint<E> point, Consumer<E> listener, boolean on) {
        point.remove(listener);
        if (on) {
            point.add(listener);
        }
    }
}
