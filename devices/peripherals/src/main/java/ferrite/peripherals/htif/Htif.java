package ferrite.peripherals.htif;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.OptionalLong;

/**
 * The host-target interface of Spike: two 64-bit words of RAM, {@code tohost} and {@code fromhost}, through which a
 * program talks to its host.
 *
 * <pre>
 *  63    56 55     48 47                    0
 * +--------+---------+-----------------------+
 * | device | command |        payload        |
 * +--------+---------+-----------------------+
 * device 0, command 0   payload odd: the program ends with the code in its upper bits; even: the address of a system
 *                       call
 * device 1, command 0   read a byte: the answer is 0x100 and the byte
 * device 1, command 1   write the byte
 * </pre>
 *
 * A 32-bit hart writes {@code tohost} in two halves, in either order. So the model reads the word some ticks after a
 * store, as Spike does, and not at the store.
 */
public final class Htif implements Saveable {

    /** The host's side. Each method is called during a run, on the thread that has the turn. */
    public interface Host {

        /** Ends the program with a code, 0 for success. */
        void exit(int code);

        /** Writes bytes to file descriptor 1 or 2. */
        void write(int descriptor, byte[] bytes);

        /** Reports that the program waits for a byte. The host gives it with {@link Htif#receive}. */
        void awaited();
    }

    private static final int LOOKS_AFTER_TICKS = 64;
    private static final int WORD_BYTES = 8;
    private static final long PAYLOAD = (1L << 48) - 1;

    private static final int SYSTEM_CALLS = 0;
    private static final int CONSOLE = 1;
    private static final int READ = 0;
    private static final int WRITE = 1;

    /** Linux's numbers (asm-generic/unistd.h). */
    private static final int SYS_WRITE = 64;
    private static final int SYS_EXIT = 93;
    private static final int ENOSYS = 38;
    private static final int EBADF = 9;
    private static final int EFAULT = 14;
    private static final int MAX_WRITE_BYTES = 1 << 20;

    private final PhysicalBus bus;
    private final BusMaster master = new BusMaster("htif", 32);
    private final Host host;
    private final ClockEvent look;
    private final ClockEvent ask;
    private final long tohost;
    private final OptionalLong fromhost;
    private boolean reading;
    /** The answer that waits until {@code fromhost} is empty; 0 if none waits. */
    private long answer;

    /**
     * Creates the interface. {@link #watch} starts it.
     *
     * @param tohost   physical address of the word that the program writes
     * @param fromhost physical address of the word that the program reads answers from; empty if it has none and gets
     *     no answers
     */
    public Htif(PhysicalBus bus, Clock clock, long tohost, OptionalLong fromhost, Host host) {
        this.bus = bus;
        this.host = host;
        this.tohost = tohost;
        this.fromhost = fromhost;
        this.look = clock.newEvent("htif", this::look);
        this.ask = clock.newEvent("htif read", host::awaited);
    }

    /** Starts watching the two words. The program is in memory by then. */
    public void watch() {
        bus.watch(tohost, WORD_BYTES, (master, va, pa, bytes, access) -> noticeStore(tohost, pa, bytes, access));
        fromhost.ifPresent(word -> bus.watch(word, WORD_BYTES,
                (master, va, pa, bytes, access) -> noticeStore(word, pa, bytes, access)));
    }

    private void noticeStore(long word, long pa, int bytes, Access access) {
        if (access == Access.STORE && pa < word + WORD_BYTES && pa + bytes > word && !look.isScheduled()) {
            look.scheduleIn(LOOKS_AFTER_TICKS);
        }
    }

    /** Returns true if the program waits for a byte. */
    public boolean isAwaited() {
        return reading;
    }

    /** Returns true if the program waits for a byte and the host has not answered its request. */
    public boolean isUnanswered() {
        return reading && !ask.isScheduled();
    }

    /** Gives the byte that the program waits for. */
    public void receive(int value) {
        reading = false;
        ask.cancel();
        respond(CONSOLE, READ, 0x100 | value & 0xff);
    }

    /** Calls {@link Host#awaited} again after some ticks. */
    public void askAgainIn(long ticks) {
        ask.scheduleIn(ticks);
    }

    private void look() {
        long command = load64(tohost);
        if (command != 0) {
            store64(tohost, 0);
            obey((int) (command >>> 56), (int) (command >>> 48) & 0xff, command & PAYLOAD);
        }
        deliver();
        look.cancel();                                 // only the model's own stores have scheduled it
    }

    private void obey(int device, int command, long payload) {
        if (device == SYSTEM_CALLS && command == 0) {
            if ((payload & 1) != 0) {
                host.exit((int) (payload >>> 1));
            } else if (payload % WORD_BYTES == 0) {
                systemCall(payload);
            }
        } else if (device == CONSOLE && command == WRITE) {
            host.write(1, new byte[] {(byte) payload});
        } else if (device == CONSOLE && command == READ) {
            reading = true;
            host.awaited();
        }
    }

    /**
     * Runs a system call. Its eight double words hold the number and up to seven arguments; the first one takes the
     * result.
     */
    private void systemCall(long at) {
        try {
            int number = bus.load(master, at, 4);
            int result = switch (number) {
                case SYS_WRITE -> write(word(at, 1), word(at, 2) & 0xffff_ffffL, word(at, 3));
                case SYS_EXIT -> {
                    host.exit(word(at, 1));
                    yield 0;
                }
                default -> -ENOSYS;
            };
            store64(at, result);
        } catch (BusFault nowhere) {
            // No word of RAM can take an error code.
        }
        respond(SYSTEM_CALLS, 0, 1);
    }

    private int word(long at, int index) {
        return bus.load(master, at + (long) index * WORD_BYTES, 4);
    }

    private int write(int descriptor, long from, int length) {
        if (descriptor != 1 && descriptor != 2) {
            return -EBADF;
        }
        byte[] bytes = new byte[Math.max(0, Math.min(length, MAX_WRITE_BYTES))];
        try {
            bus.read(master, from, bytes, 0, bytes.length);
        } catch (BusFault fault) {
            return -EFAULT;
        }
        host.write(descriptor, bytes);
        return bytes.length;
    }

    private void respond(int device, int command, long payload) {
        answer = fromhost.isEmpty() ? 0 : (long) device << 56 | (long) command << 48 | payload;
        deliver();
    }

    private void deliver() {
        if (answer != 0 && load64(fromhost.getAsLong()) == 0) {
            store64(fromhost.getAsLong(), answer);
            answer = 0;
        }
    }

    private long load64(long pa) {
        return bus.load(master, pa, 4) & 0xffff_ffffL | (long) bus.load(master, pa + 4, 4) << 32;
    }

    private void store64(long pa, long value) {
        bus.store(master, pa, 4, (int) value);
        bus.store(master, pa + 4, 4, (int) (value >>> 32));
    }

    @Override
    public void save(StateWriter out) {
        out.putBoolean(reading);
        out.put64(answer);
    }

    /** Restores the state, and watches again: the bus has dropped all watches by now. */
    @Override
    public void restore(StateReader in) {
        watch();
        reading = in.getBoolean();
        answer = in.get64();
    }
}
