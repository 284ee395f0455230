package ferrite.board.front;

import ferrite.hardware.elf.Symbol;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.TranslatedRegion;
import ferrite.hardware.hart.Translator;
import ferrite.hardware.report.Hex;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The host's time that a bare program takes, by function. The time of a slice counts for the function in which the
 * slice ends, as executed by the interpreter or in translated regions, whichever has executed more of it. It hears of
 * slices and changes nothing.
 *
 * <p>{@link #lines} has the form that flame graph tools read: {@code outer;inner microseconds}.
 */
public final class GuestProfile {

    private static final long PAGE_MASK = 0xffff_f000L;
    private static final int NANOS_PER_MICROSECOND = 1000;

    private final List<Hart> harts;
    private final NamedPlaces places;
    private final LongSupplier nanoTime;
    private final long[] translatedTicks;
    private final Map<String, Long> nanos = new TreeMap<>();
    /** The time in which regions were made: of the present slice, and of all before. */
    private long making;
    private long made;
    /** The time of the thread that makes regions beside the machine. */
    private final AtomicLong madeBeside = new AtomicLong();
    private long sliceStart;
    private long sliceTick;
    private int present = -1;

    /**
     * Begins.
     *
     * @param symbols  the program's symbols; without them a function is named by its page
     * @param nanoTime the host's clock
     */
    public GuestProfile(List<Hart> harts, List<Symbol> symbols, LongSupplier nanoTime) {
        this.harts = harts;
        this.places = new NamedPlaces(symbols);
        this.nanoTime = nanoTime;
        this.translatedTicks = new long[harts.size()];
    }

    /** Returns the translator, with its time on the machine's thread measured. */
    public Translator measure(Translator translator) {
        return new Translator() {
            @Override
            public void prepare(Runnable work) {
                translator.prepare(work);
            }

            @Override
            public Draft translate(Source source, int pc) {
                Draft draft = making(() -> translator.translate(source, pc));
                return draft == null ? null : new Draft() {
                    @Override
                    public boolean isReady() {
                        return draft.isReady();
                    }

                    @Override
                    public TranslatedRegion finish() {
                        return making(draft::finish);
                    }
                };
            }
        };
    }

    private <T> T making(Supplier<T> work) {
        long start = nanoTime.getAsLong();
        try {
            return work.get();
        } finally {
            making += nanoTime.getAsLong() - start;
        }
    }

    /** Returns the executor, with the time of its work measured. */
    public Executor measure(Executor beside) {
        return work -> beside.execute(() -> {
            long start = nanoTime.getAsLong();
            try {
                work.run();
            } finally {
                madeBeside.addAndGet(nanoTime.getAsLong() - start);
            }
        });
    }

    /** Ends the present slice, and begins one of a hart; of none if it is negative. */
    public void slice(int hart, long tick) {
        long now = nanoTime.getAsLong();
        if (present >= 0) {
            endSlice(harts.get(present), now - sliceStart, tick - sliceTick);
        }
        present = hart;
        sliceStart = now;
        sliceTick = tick;
    }

    private void endSlice(Hart hart, long elapsed, long ticks) {
        long translated = hart.translatedTicks() - translatedTicks[hart.id()];
        translatedTicks[hart.id()] += translated;
        String way = 2 * translated > ticks ? "translated" : "interpreted";
        nanos.merge(way + ";" + function(hart.pc() & 0xffff_ffffL), Math.max(0, elapsed - making), Long::sum);
        made += making;
        making = 0;
    }

    private String function(long pc) {
        Map.Entry<Long, String> symbol = places.before(pc);
        return symbol == null ? Hex.address(pc & PAGE_MASK) : symbol.getValue();
    }

    private long microseconds(String way) {
        return nanos.entrySet().stream().filter(entry -> entry.getKey().startsWith(way))
                .mapToLong(Map.Entry::getValue).sum() / NANOS_PER_MICROSECOND;
    }

    private long madeInAll() {
        return made + making + madeBeside.get();
    }

    /** Returns the stacks with their microseconds, one a line. */
    public List<String> lines() {
        Map<String, Long> all = new TreeMap<>(nanos);
        all.put("making regions", madeInAll());
        return all.entrySet().stream().map(entry -> entry.getKey() + " " + entry.getValue() / NANOS_PER_MICROSECOND)
                .toList();
    }

    /**
     * Returns the sums in a sentence.
     *
     * @param compilerMillis the time of the JVM's compilers, which work beside the machine
     */
    public String summary(long compilerMillis) {
        long misses = harts.stream().mapToLong(Hart::fastPathMisses).sum();
        return String.format(Locale.ROOT, "profile: %.2f s interpreted, %.2f s translated, %.2f s making regions; "
                        + "JVM compilers %.2f s; %d loads and stores missed the fast path",
                microseconds("interpreted") / 1e6, microseconds("translated") / 1e6, madeInAll() / 1e9,
                compilerMillis / 1e3, misses);
    }
}
