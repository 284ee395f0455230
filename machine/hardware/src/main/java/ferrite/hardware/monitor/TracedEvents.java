package ferrite.hardware.monitor;

import ferrite.hardware.event.EventListener;
import ferrite.hardware.event.MachineEvents;
import ferrite.hardware.report.Durations;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The last traced events, for front ends that have no stream of events. Older ones are counted only. */
final class TracedEvents implements EventListener {

    static final int MAX = 256;

    private record Kept(String kind, Violation.Moment when, Supplier<Report> facts) { }

    private final BiConsumer<String, Supplier<String>> shown;
    private final Deque<Kept> last = new ArrayDeque<>();
    private long count;

    /** @param shown takes the kind and the line of each event */
    TracedEvents(BiConsumer<String, Supplier<String>> shown) {
        this.shown = shown;
    }

    @Override
    public void happened(String kind, Violation.Moment when, Supplier<Report> facts) {
        if (MachineEvents.TRACES.contains(kind)) {
            count++;
            Kept event = new Kept(kind, when, MachineEvents.ACCESSES.contains(kind) ? facts : made(facts.get()));
            last.addLast(event);
            shown.accept(kind, () -> line(event));
            if (last.size() > MAX) {
                last.removeFirst();
            }
        }
    }

    private static Supplier<Report> made(Report facts) {
        return () -> facts;
    }

    void clear() {
        last.clear();
        count = 0;
    }

    /** Returns the newest events, the oldest of them first, and the number of those before. */
    Report report(int wanted) {
        List<Kept> shown = new ArrayList<>(last);
        shown = shown.subList(Math.max(0, shown.size() - wanted), shown.size());
        StringBuilder text = new StringBuilder();
        List<Report> events = new ArrayList<>();
        for (Kept event : shown) {
            text.append(line(event));
            events.add(Report.of(event.kind).number("tick", event.when.ticks()).number("event", event.when.event())
                    .number("hart", event.when.hart()).fieldsOf(event.facts.get()));
        }
        long before = count - shown.size();
        text.append(shown.size()).append(shown.size() == 1 ? " event" : " events").append(", ").append(before)
                .append(" before\n");
        Report report = Report.ofText("trace", text.toString()).number("shown", shown.size()).number("before", before);
        events.forEach(report::child);
        return report;
    }

    private static String line(Kept event) {
        StringBuilder line = new StringBuilder(Durations.milliseconds(event.when.ticks()));
        if (event.when.hart() != Violation.Moment.NO_HART) {
            line.append("  hart ").append(event.when.hart());
        }
        line.append("  ").append(event.kind);
        event.facts.get().fields().forEach(field -> line.append("  ").append(field.name()).append(' ')
                .append(field.text()));
        return line.append('\n').toString();
    }
}
