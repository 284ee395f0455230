package ferrite.kernel.shadow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The locks that drivers hold, and the orders in which they have taken them. A lock is known by its address until its
 * memory is freed. Each step from a held lock to the next one is remembered with its two lines, so that a circle of
 * such steps is found even if the tasks never met.
 */
public final class Locks {

    /**
     * A lock that is held.
     *
     * @param holder   the task, or the hart's interrupt handler
     * @param hart     the hart on which a spinlock is held; -1 for a mutex
     * @param how      the call that took it
     * @param site     its line
     * @param taker    the level that took it
     * @param comes    the lowest level that may interrupt the holder on its hart: {@link Level#TASK} if nothing may
     */
    public record Held(long lock, String holder, int hart, String how, String site, Level taker,
            Level comes) {

        /** Returns whether code of a level may interrupt the holder on its hart, and is not the holder's own level. */
        boolean isOpenTo(Level level) {
            return hart >= 0 && taker.compareTo(level) < 0 && comes != Level.TASK && comes.compareTo(level) <= 0;
        }

        /** Returns whether the call waits for a lock that is taken. A call that only tries makes no order of locks. */
        boolean mayHaveWaited() {
            return !how.contains("trylock");
        }

        /** Describes the acquisition in a line. */
        public String describe() {
            return how + " at " + site + " by " + holder;
        }
    }

    /** Levels of code: a higher one interrupts the lower ones. */
    public enum Level {
        TASK("a task", "with interrupts on"),
        SOFTIRQ("a softirq", "where softirqs may come"),
        HARDIRQ("an interrupt handler", "with interrupts on");

        /** For reports: the taker of a lock, and how the lock is held where this level may interrupt the holder. */
        private final String text;
        private final String open;

        Level(String text, String open) {
            this.text = text;
            this.open = open;
        }

        public String text() {
            return text;
        }

        public String open() {
            return open;
        }
    }

    private static final List<Level> INTERRUPTING = List.of(Level.SOFTIRQ, Level.HARDIRQ);

    /** A step: a lock was taken while another was held. */
    public record Step(Held first, Held second) { }

    /** In place of a hart: the function of a timer or work item, for which its canceller waits. */
    public static final int FUNCTION = -2;

    /** The history of one lock. */
    private static final class Known {
        private final Map<Long, Step> next = new LinkedHashMap<>();
        /** The first acquisition by each level, and the first one that each level may interrupt. */
        private final Map<Level, Held> taken = new EnumMap<>(Level.class);
        private final Map<Level, Held> open = new EnumMap<>(Level.class);
        /** The same for readers. */
        private final Map<Level, Held> readTaken = new EnumMap<>(Level.class);
        private final Map<Level, Held> readOpen = new EnumMap<>(Level.class);
        private boolean told;
        private boolean toldInside;

        private void read(Held how, boolean retries) {
            if (how.mayHaveWaited()) {
                readTaken.putIfAbsent(how.taker, how);
            }
            for (Level level : retries ? List.<Level>of() : INTERRUPTING) {
                if (how.isOpenTo(level)) {
                    readOpen.putIfAbsent(level, how);
                }
            }
        }

        private void take(Held how) {
            if (how.mayHaveWaited()) {
                taken.putIfAbsent(how.taker, how);
            }
            for (Level level : INTERRUPTING) {
                if (how.isOpenTo(level)) {
                    open.putIfAbsent(level, how);
                }
            }
        }
    }

    private final TreeMap<Long, Known> known = new TreeMap<>();
    /** Most pages have no lock, and then the map need not be asked. */
    private final PageCounts onPages = new PageCounts(new PageChanges());
    private final Map<Long, Held> held = new HashMap<>();
    private final Map<String, Deque<Held>> ofHolder = new HashMap<>();
    /** The lock that each holder waits for. */
    private final Map<String, Held> waiting = new HashMap<>();

    private Known know(long lock) {
        Known one = known.get(lock);
        if (one == null) {
            one = new Known();
            known.put(lock, one);
            onPages.add(lock, 1);
        }
        return one;
    }

    /** Returns how a lock is held now, or null. */
    public Held holding(long lock) {
        return held.get(lock);
    }

    /** Returns the lock that a task waits for, or null. */
    public Held wantedBy(String holder) {
        return waiting.get(holder);
    }

    /** Returns the locks that a holder has, the last taken first. */
    public List<Held> of(String holder) {
        return List.copyOf(ofHolder.getOrDefault(holder, new ArrayDeque<>()));
    }

    /**
     * Notes that a holder is about to wait for a lock.
     *
     * @return the steps of a circle of holders that wait for each other, each from the lock that a holder has to the
     *         one that it waits for, beginning with this holder; empty if there is none
     */
    public List<Step> await(Held wanted) {
        waiting.put(wanted.holder, wanted);
        List<Step> circle = new ArrayList<>();
        Held wants = wanted;
        do {
            Held has = held.get(wants.lock);
            Held next = has == null ? null : waiting.get(has.holder);
            if (next == null || circle.size() > waiting.size()) {
                return List.of();
            }
            circle.add(new Step(has, next));
            wants = next;
        } while (!wants.holder.equals(wanted.holder));
        Collections.rotate(circle, 1);
        return circle;
    }

    /** Notes that a holder waits no more. */
    public void giveUp(String holder) {
        waiting.remove(holder);
    }

    /**
     * Notes that a holder waits for the function of a timer or work item, which orders the function after its locks.
     *
     * @return as {@link #take}
     */
    public List<Step> order(Held wanted) {
        List<Step> circle = List.of();
        for (Held before : ofHolder.getOrDefault(wanted.holder, new ArrayDeque<>())) {
            Known first = know(before.lock);
            if (first.next.putIfAbsent(wanted.lock, new Step(before, wanted)) == null && circle.isEmpty()) {
                circle = closed(before, wanted);
            }
        }
        return circle;
    }

    /** Returns the circle that a step from a lock to another closes, or none. */
    private List<Step> closed(Held before, Held wanted) {
        List<Step> way = way(wanted.lock, before.lock);
        List<Step> circle = way == null ? new ArrayList<>() : new ArrayList<>(way);
        if (way != null) {
            circle.add(0, new Step(before, wanted));
        }
        return circle;
    }

    /**
     * Notes that a lock is taken.
     *
     * @return the steps that close a circle with this one, from this lock back to one that the holder has; empty if
     *         there is no circle, or it was returned before
     */
    public List<Step> take(Held taken) {
        Known lock = know(taken.lock);
        boolean waited = taken.mayHaveWaited();
        lock.take(taken);
        giveUp(taken.holder);
        List<Step> circle = waited ? order(taken) : List.of();
        held.put(taken.lock, taken);
        ofHolder.computeIfAbsent(taken.holder, any -> new ArrayDeque<>()).push(taken);
        return circle;
    }

    /** Finds the shortest way of steps from one lock to another; null if there is none. */
    private List<Step> way(long from, long to) {
        Map<Long, Step> reachedBy = new HashMap<>();
        Deque<Long> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty() && !reachedBy.containsKey(to)) {
            Known lock = known.get(next.remove());
            if (lock != null) {
                lock.next.forEach((other, step) -> {
                    if (other != from && reachedBy.putIfAbsent(other, step) == null) {
                        next.add(other);
                    }
                });
            }
        }
        if (!reachedBy.containsKey(to)) {
            return null;
        }
        Deque<Step> way = new ArrayDeque<>();
        for (long at = to; at != from; at = way.peek().first().lock()) {
            way.push(reachedBy.get(at));
        }
        return List.copyOf(way);
    }

    /**
     * Returns how a lock was taken where a handler or softirq may come, and how one takes it, which can interrupt the
     * holder and wait for it for ever. Returns null if it was not, or was returned before.
     */
    public Step interruptible(long lock) {
        Known one = known.get(lock);
        for (Level level : one == null || one.told ? List.<Level>of() : INTERRUPTING) {
            Held open = one.open.get(level);
            Held writer = one.taken.get(level);
            Held taker = writer == null && open != null ? one.readTaken.get(level) : writer;
            Held interrupted = open == null && writer != null ? one.readOpen.get(level) : open;
            if (taker != null && interrupted != null) {
                one.told = true;
                return new Step(interrupted, taker);
            }
        }
        return null;
    }

    /** Returns whether {@link #read} would learn something of a lock. */
    public boolean isNewRead(long lock, Level taker, Level comes, boolean retries) {
        Known one = known.get(lock);
        return one == null || !one.readTaken.containsKey(taker)
                || !retries && comes != Level.TASK && taker.compareTo(comes) < 0 && !one.readOpen.containsKey(comes);
    }

    /** Notes that a lock is taken by one of its readers, who do not exclude each other. */
    public void read(Held how, boolean retries) {
        know(how.lock).read(how, retries);
    }

    /**
     * Returns how a lock is taken by a handler or softirq, and how another one is taken where that may come, although
     * it is taken inside the first elsewhere. Returns null if this acquisition has made no such pair.
     */
    public Step unsafeInside(Held taken) {
        Known lock = known.get(taken.lock);
        if (taken.hart < 0 || lock == null || !taken.mayHaveWaited()) {
            return null;
        }
        for (Held outer : ofHolder.getOrDefault(taken.holder, new ArrayDeque<>())) {
            Step pair = outer.lock == taken.lock ? null : pair(known.get(outer.lock), lock);
            if (pair != null) {
                return pair;
            }
        }
        for (Known outer : isIn(lock.open, taken) ? known.values() : List.<Known>of()) {
            Step pair = outer.next.containsKey(taken.lock) ? pair(outer, lock) : null;
            if (pair != null) {
                return pair;
            }
        }
        for (long inner : isIn(lock.taken, taken) ? lock.next.keySet() : List.<Long>of()) {
            Step pair = known.containsKey(inner) ? pair(lock, known.get(inner)) : null;
            if (pair != null) {
                return pair;
            }
        }
        return null;
    }

    /** Returns whether an acquisition is the first of its kind. */
    private static boolean isIn(Map<Level, Held> firsts, Held taken) {
        return firsts.values().stream().anyMatch(first -> first == taken);
    }

    private static Step pair(Known outer, Known inner) {
        for (Level level : outer == null || inner.toldInside ? List.<Level>of() : INTERRUPTING) {
            if (outer.taken.containsKey(level) && inner.open.containsKey(level) && !inner.taken.containsKey(level)) {
                inner.toldInside = true;
                return new Step(outer.taken.get(level), inner.open.get(level));
            }
        }
        return null;
    }

    /** Notes that a lock is released. Returns how it was held, or null if it was not. */
    public Held release(long lock) {
        Held was = held.remove(lock);
        if (was != null) {
            Deque<Held> all = ofHolder.get(was.holder);
            all.removeIf(one -> one == was);
            if (all.isEmpty()) {
                ofHolder.remove(was.holder);
            }
        }
        return was;
    }

    /** Notes that a function has ended, which its holder held. Another holder's of the same record goes on. */
    public void release(long record, String holder) {
        Deque<Held> all = ofHolder.get(holder);
        if (all != null) {
            all.removeIf(one -> one.lock == record && one.hart == FUNCTION);
            if (all.isEmpty()) {
                ofHolder.remove(holder);
            }
        }
        Held now = held.get(record);
        if (now != null && now.hart == FUNCTION && now.holder.equals(holder)) {
            held.remove(record);
        }
    }

    /** Returns whether no lock is held. */
    public boolean areFree() {
        return ofHolder.isEmpty();
    }

    /** Returns how many mutexes a holder has. */
    public int mutexesOf(String holder) {
        int mutexes = 0;
        for (Held one : ofHolder.isEmpty() ? List.<Held>of() : ofHolder.getOrDefault(holder, new ArrayDeque<>())) {
            mutexes += one.hart == -1 ? 1 : 0;
        }
        return mutexes;
    }

    /** Returns whether there may be locks in some bytes. */
    boolean concern(long va, long bytes) {
        return !onPages.areNone(va, bytes);
    }

    /** Forgets the locks in memory that is freed or initialised. Returns those that are held. */
    public List<Held> forget(long va, long bytes) {
        if (onPages.areNone(va, bytes)) {
            return List.of();
        }
        Map<Long, Known> gone = known.subMap(va, va + bytes);
        List<Long> addresses = List.copyOf(gone.keySet());
        gone.clear();
        addresses.forEach(lock -> onPages.add(lock, -1));
        known.values().forEach(lock -> addresses.forEach(lock.next::remove));
        return addresses.stream().map(this::release).filter(Objects::nonNull).toList();
    }
}
