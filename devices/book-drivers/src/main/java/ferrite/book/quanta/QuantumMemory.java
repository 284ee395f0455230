package ferrite.book.quanta;

import static ferrite.book.quanta.ScullDevLayout.BYTES;
import static ferrite.book.quanta.ScullDevLayout.DATA;
import static ferrite.book.quanta.ScullDevLayout.MUTEX;
import static ferrite.book.quanta.ScullDevLayout.QSET;
import static ferrite.book.quanta.ScullDevLayout.QUANTUM;
import static ferrite.book.quanta.ScullDevLayout.VMAS;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.driver.KernelCalls;
import java.util.function.IntSupplier;

/**
 * The memory of a scull device (LDD3 pages 60-63, figure 3-1). One call of read or write does not leave its quantum.
 *
 * <pre>
 *   scull_dev      scull_qset           scull_qset
 *   data  -------> next  -------------> next -> 0
 *                  data -> [0] [1] …    data -> [0] [1] …     qset pointers
 *                           |   |
 *                           v   v                             quanta, 0 until they are written
 * </pre>
 *
 * <p>Task context; all may sleep. The mutex of the device protects it.
 */
public final class QuantumMemory {

    /** The largest size: positions of 31 bits. */
    private static final long MAX_BYTES = Integer.MAX_VALUE;
    private static final int POINTER_BYTES = 4;

    private final KernelCalls kernel;
    private final KernelMemory memory;
    private final Quanta quanta;

    public QuantumMemory(KernelCalls kernel, Quanta quanta) {
        this.kernel = kernel;
        this.memory = kernel.memory();
        this.quanta = quanta;
    }

    /** Initialises an empty device in zeroed memory. */
    public void init(long dev, int quantum, int qset) {
        kernel.mutexInit(MUTEX.at(dev));
        QUANTUM.set(memory, dev, quantum);
        QSET.set(memory, dev, qset);
    }

    /** Returns the bytes of data of a device. */
    public long size(long dev) {
        return BYTES.get(memory, dev);
    }

    /** Calls a function with the device's mutex. Returns its result, or -ERESTARTSYS after a signal (page 112). */
    int locked(long dev, IntSupplier body) {
        if (kernel.mutexLockInterruptible(MUTEX.at(dev)) < 0) {
            return -Errno.ERESTARTSYS;
        }
        int result = body.getAsInt();
        kernel.mutexUnlock(MUTEX.at(dev));
        return result;
    }

    // ---- the caller holds the mutex, or is the last user ----

    /**
     * Empties a device, and gives it new sizes (LDD3 page 62). Returns 0, or -EBUSY while it is mapped (page 430).
     */
    public int trim(long dev, int quantum, int qset) {
        if (VMAS.get(memory, dev) > 0) {
            return -Errno.EBUSY;
        }
        long set = DATA.get(memory, dev);
        while (set != 0) {
            long next = ScullQsetLayout.NEXT.get(memory, set);
            freeQuanta(dev, ScullQsetLayout.DATA.get(memory, set));
            kernel.kfree(set);
            set = next;
        }
        DATA.set(memory, dev, 0);
        BYTES.set(memory, dev, 0);
        QUANTUM.set(memory, dev, quantum);
        QSET.set(memory, dev, qset);
        return 0;
    }

    private void freeQuanta(long dev, long pointers) {
        for (int i = 0; pointers != 0 && i < QSET.get(memory, dev); i++) {
            quanta.free(memory.loadAddress(pointers + (long) i * POINTER_BYTES), QUANTUM.get(memory, dev));
        }
        kernel.kfree(pointers);
    }

    /** Reads from one quantum (LDD3 page 67). Returns the number of bytes; 0 at the end, and in a gap. */
    int read(long dev, long to, int count, long position) {
        long quantum = quantumAt(dev, position);
        if (quantum == 0 || position >= BYTES.get(memory, dev)) {
            return 0;
        }
        int offset = (int) (position % QUANTUM.get(memory, dev));
        int bytes = (int) Math.min(Math.min(count, QUANTUM.get(memory, dev) - offset),
                BYTES.get(memory, dev) - position);
        return kernel.copyToUser(to, quantum + offset, bytes) != 0 ? -Errno.EFAULT : bytes;
    }

    /** Writes to one quantum (LDD3 page 68). Returns the number of bytes, or a negative errno. */
    int write(long dev, long from, int count, long position) {
        if (position >= MAX_BYTES) {
            return -Errno.ENOSPC;
        }
        long place = placeOf(dev, position);
        if (place == 0 || !fill(place, dev)) {
            return -Errno.ENOMEM;
        }
        int offset = (int) (position % QUANTUM.get(memory, dev));
        int bytes = (int) Math.min(Math.min(count, QUANTUM.get(memory, dev) - offset), MAX_BYTES - position);
        if (kernel.copyFromUser(memory.loadAddress(place) + offset, from, bytes) != 0) {
            return -Errno.EFAULT;
        }
        BYTES.set(memory, dev, Math.max(BYTES.get(memory, dev), position + bytes));
        return bytes;
    }

    private boolean fill(long place, long dev) {
        if (memory.loadAddress(place) == 0) {
            memory.storeAddress(place, quanta.allocate(QUANTUM.get(memory, dev)));
        }
        return memory.loadAddress(place) != 0;
    }

    /** Returns the pointer to the quantum of a position; makes the sets up to it. Returns 0 without memory. */
    private long placeOf(long dev, long position) {
        long link = DATA.at(dev);
        for (long left = position / setBytes(dev); left >= 0; left--) {
            if (memory.loadAddress(link) == 0) {
                memory.storeAddress(link, kernel.kzalloc(ScullQsetLayout.SIZE, Gfp.GFP_KERNEL));
            }
            long set = memory.loadAddress(link);
            if (set == 0) {
                return 0;
            }
            link = left == 0 ? ScullQsetLayout.DATA.at(set) : ScullQsetLayout.NEXT.at(set);
        }
        if (memory.loadAddress(link) == 0) {
            memory.storeAddress(link, kernel.kcalloc(QSET.get(memory, dev), POINTER_BYTES, Gfp.GFP_KERNEL));
        }
        long pointers = memory.loadAddress(link);
        return pointers == 0 ? 0 : pointers + indexOf(dev, position) * POINTER_BYTES;
    }

    /**
     * Returns the quantum of a position; 0 in a gap and after the end. While the device is mapped, nothing is freed,
     * and the caller needs no mutex.
     */
    long quantumAt(long dev, long position) {
        long set = DATA.get(memory, dev);
        for (long left = position / setBytes(dev); left > 0 && set != 0; left--) {
            set = ScullQsetLayout.NEXT.get(memory, set);
        }
        long pointers = set == 0 ? 0 : ScullQsetLayout.DATA.get(memory, set);
        return pointers == 0 ? 0 : memory.loadAddress(pointers + indexOf(dev, position) * POINTER_BYTES);
    }

    private long setBytes(long dev) {
        return (long) QUANTUM.get(memory, dev) * QSET.get(memory, dev);
    }

    private long indexOf(long dev, long position) {
        return position % setBytes(dev) / QUANTUM.get(memory, dev);
    }

    // ---- text ----

    /** Adds the device's sizes and addresses to a file of /proc (LDD3 page 85). Returns 0 or -ERESTARTSYS. */
    public int show(long seq, long dev, int number) {
        return locked(dev, () -> {
            kernel.seqPrintf(seq, "\nDevice " + number + ": qset " + QSET.get(memory, dev) + ", q "
                    + QUANTUM.get(memory, dev) + ", sz " + BYTES.get(memory, dev) + "\n");
            for (long set = DATA.get(memory, dev); set != 0; set = ScullQsetLayout.NEXT.get(memory, set)) {
                long pointers = ScullQsetLayout.DATA.get(memory, set);
                kernel.seqPrintf(seq, "  item at " + hex(set) + ", qset at " + hex(pointers) + "\n");
                if (ScullQsetLayout.NEXT.get(memory, set) == 0 && pointers != 0) {
                    showQuanta(seq, pointers, QSET.get(memory, dev));   // of the last set only
                }
            }
            return 0;
        });
    }

    private void showQuanta(long seq, long pointers, int qset) {
        for (int i = 0; i < qset; i++) {
            long quantum = memory.loadAddress(pointers + (long) i * POINTER_BYTES);
            if (quantum != 0) {
                kernel.seqPrintf(seq, "    " + " ".repeat(Math.max(0, 4 - Integer.toString(i).length())) + i + ": "
                        + hex(quantum) + "\n");
            }
        }
    }

    private static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }
}
