package ferrite.kernel.monitor;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.monitor.StopReason;
import ferrite.hardware.turn.Halt;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.Kernel;
import ferrite.kernel.core.KernelEvents;
import ferrite.kernel.core.MemoryEvent;
import ferrite.kernel.core.MemoryEvent.Kind;
import ferrite.kernel.core.MemoryEvent.Source;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.mm.KmemCacheLayout;
import ferrite.kernel.mm.SlabView;
import ferrite.kernel.mm.Zones;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The kernel's reasons of {@code break on}. The machine halts in the call that caused the event.
 */
public final class KernelStopReasons {

    private interface Setter {
        StopReason.Point set(String argument) throws MonitorException;
    }

    /** A reason with the form of its words. Group 1 of the form is the argument. */
    private record Reason(String usage, String example, Pattern form, Setter setter) implements StopReason {

        @Override
        public Point set(String words) throws MonitorException {
            Matcher matcher = form.matcher(words);
            if (!matcher.matches()) {
                return null;
            }
            String argument = matcher.groupCount() == 0 ? null : matcher.group(1);
            return setter.set(argument == null ? "" : argument.strip());
        }
    }

    private final Machine machine;
    private final KernelEvents events;
    private final Supplier<Kernel> kernel;
    private final KernelEventText text;

    private KernelStopReasons(Machine machine, KernelEvents events, Supplier<Kernel> kernel) {
        this.machine = machine;
        this.events = events;
        this.kernel = kernel;
        this.text = new KernelEventText(machine);
    }

    /** Returns all reasons. They outlive kernel objects, as {@code events} does. */
    public static List<StopReason> all(Machine machine, KernelEvents events, Supplier<Kernel> kernel) {
        KernelStopReasons reasons = new KernelStopReasons(machine, events, kernel);
        return List.of(
                new Reason("zone-fallback", "zone-fallback", Pattern.compile("zone-fallback"),
                        none -> reasons.onMemory("zone-fallback", MemoryEvent::isZoneFallback)),
                new Reason("alloc-failure", "alloc-failure", Pattern.compile("alloc-failure"),
                        none -> reasons.onMemory("alloc-failure", event -> event.kind() == Kind.FAIL)),
                new Reason("order>=N", "order>=4", Pattern.compile("order(?: ?>= ?(.*)|.*)"), reasons::onOrder),
                new Reason("cache NAME", "cache kmalloc-64", Pattern.compile("cache\\b(.*)"), reasons::onCache),
                new Reason("irq N", "irq 3", Pattern.compile("irq\\b(.*)"), reasons::onInterrupt));
    }

    private StopReason.Point onMemory(String name, Predicate<MemoryEvent> stops) {
        Consumer<MemoryEvent> listener = event -> {
            if (stops.test(event)) {
                halt(name + ": " + text.sentence(event));
            }
        };
        events.memory().add(listener);
        return new StopReason.Point(name, () -> events.memory().remove(listener));
    }

    private StopReason.Point onOrder(String typed) throws MonitorException {
        int order = number(typed);
        if (order < 0 || order >= Zones.MAX_ORDER) {
            throw new MonitorException("an order is 0 to " + (Zones.MAX_ORDER - 1)
                    + ", for example break on order>=4");
        }
        return onMemory("order>=" + order, event -> event.source() == Source.PAGE && event.kind() != Kind.FREE
                && event.order() >= order);
    }

    /** A cache that a driver will make later may be named already. */
    private StopReason.Point onCache(String name) throws MonitorException {
        if (name.isEmpty() || name.length() >= KmemCacheLayout.NAME_BYTES) {
            throw new MonitorException("a lookaside cache has a name of 1 to " + (KmemCacheLayout.NAME_BYTES - 1)
                    + " letters, for example break on cache kmalloc-64; 'slabs' lists the caches");
        }
        StopReason.Point point = onMemory("cache " + name, event -> name.equals(event.cache())
                && event.kind() != Kind.FREE);
        return exists(name) ? point
                : new StopReason.Point("cache " + name + " (there is no such cache yet)", point.clear());
    }

    private boolean exists(String name) {
        ReadableMemory view = machine.peek(0);
        return kernel.get().isUp() && kernel.get().mm().caches().view().caches(view).stream()
                .anyMatch(cache -> SlabView.name(view, cache).equals(name));
    }

    private StopReason.Point onInterrupt(String typed) throws MonitorException {
        int wanted = number(typed);
        if (wanted < 1 || wanted >= Interrupts.SOURCES) {
            throw new MonitorException("a source of the interrupt controller is 1 to " + (Interrupts.SOURCES - 1)
                    + ", for example break on irq 3; 'irq' lists them");
        }
        Consumer<Integer> listener = irq -> {
            if (irq == wanted) {
                halt("irq " + irq + ": " + text.claim(irq, handler(irq)));
            }
        };
        events.interrupts().add(listener);
        return new StopReason.Point("irq " + wanted, () -> events.interrupts().remove(listener));
    }

    private String handler(int irq) {
        return kernel.get().isUp() ? kernel.get().interrupts().name(machine.peek(0), irq) : null;
    }

    private static int number(String typed) {
        return typed != null && typed.matches("[0-9]{1,3}") ? Integer.parseInt(typed) : -1;
    }

    private void halt(String sentence) {
        Hart hart = machine.turn().hart();
        machine.control().halt(new Halt(Halt.Reason.EVENT, hart == null ? 0 : hart.id(), null, sentence));
    }
}
