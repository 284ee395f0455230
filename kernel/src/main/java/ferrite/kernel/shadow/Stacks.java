package ferrite.kernel.shadow;

import ferrite.kernel.base.ThreadLayout;
import ferrite.kernel.log.CallSite;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The kernel stacks and the locals on them, for the checks: those of functions that run, and those that were last. */
public final class Stacks {

    /**
     * A local.
     *
     * @param site the line of its function
     */
    public record Local(long va, int bytes, String site) {

        private boolean contains(long address) {
            return address >= va && address < va + bytes;
        }
    }

    private final NavigableSet<Long> stacks = new TreeSet<>();
    private final NavigableMap<Long, Local> live = new TreeMap<>();
    private final NavigableMap<Long, Local> ended = new TreeMap<>();
    private final Shadow shadow;
    private final boolean watched;
    private final RecordCheck check;

    /** The check that the kernel uses no record in memory that is about to end. */
    @FunctionalInterface
    interface RecordCheck {
        void check(String call, long va, long bytes);
    }

    /** @param watched whether a rule needs to know the locals */
    Stacks(Shadow shadow, boolean watched, RecordCheck check) {
        this.shadow = shadow;
        this.watched = watched;
        this.check = check;
    }

    /** Notes a kernel stack, on which no function has locals yet. */
    public void allocated(long stack) {
        if (watched) {
            stacks.add(stack);
            shadow.mark(stack, ThreadLayout.THREAD_SIZE, Shadow.DEAD);
        }
    }

    /** Notes that a kernel stack is gone. */
    public void freed(long stack) {
        if (watched) {
            stacks.remove(stack);
            live.subMap(stack, stack + ThreadLayout.THREAD_SIZE).clear();
            ended.subMap(stack, stack + ThreadLayout.THREAD_SIZE).clear();
            shadow.forget(stack, ThreadLayout.THREAD_SIZE);
        }
    }

    /**
     * Notes that a function has a local.
     *
     * @param room the bytes of the function's frame, which begins with the local
     */
    public void frameBegins(long va, int bytes, int room) {
        if (watched) {
            live.put(va, new Local(va, bytes, CallSite.ofCaller()));
            shadow.allow(va, bytes, room);
        }
    }

    /** Notes that a function returns, and checks that the kernel uses no record in its frame. */
    public void frameEnds(long va, int room) {
        if (watched) {
            check.check("the return of a function", va, room);
            unwound(va, va + room);
        }
    }

    /** Notes that the frames in a range are gone. */
    public void unwound(long from, long to) {
        if (watched && to > from) {
            NavigableMap<Long, Local> gone = live.subMap(from, true, to, false);
            if (!gone.isEmpty()) {
                ended.subMap(from, to).clear();
                ended.putAll(gone);
                gone.clear();
            }
            shadow.mark(from, (int) (to - from), Shadow.DEAD);
        }
    }

    /** Returns the stack in which an address lies, or 0. */
    public long stackOf(long va) {
        Long stack = stacks.floor(va);
        return stack != null && va < stack + ThreadLayout.THREAD_SIZE ? stack : 0;
    }

    /** Returns the local of a function that runs in which an address lies, or null. */
    public Local local(long va) {
        return at(live, va);
    }

    /** Returns the last local of a function that has returned in which an address lay, or null. */
    public Local ended(long va) {
        return at(ended, va);
    }

    /** Returns the local of a function that runs whose end an address follows, or null. */
    public Local before(long va) {
        return live.isEmpty() || live.floorEntry(va) == null ? null : live.floorEntry(va).getValue();
    }

    private static Local at(NavigableMap<Long, Local> locals, long va) {
        var below = locals.floorEntry(va);
        return below != null && below.getValue().contains(va) ? below.getValue() : null;
    }
}
