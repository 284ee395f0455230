package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.Signal;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Tasks;

/**
 * Asynchronous notification (LDD3 pages 169-171): a device's list of files. Their programs are sent SIGIO when
 * there is an event. The driver has the list's first address, a word of its own.
 */
public final class Fasync {

    private static final int SIZE = 12;

    static final Struct STRUCT = Struct.of("fasync_struct", SIZE);

    private static final Pointer NEXT = STRUCT.pointer("fa_next", 0, "struct fasync_struct");
    private static final Pointer FILE = STRUCT.pointer("fa_file", 4, "struct file");
    private static final Word DESCRIPTOR = STRUCT.s32("fa_fd", 8);
    private static final int MAX_ENTRIES = 4096;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final Kmalloc kmalloc;
    private final Tasks tasks;
    private final long root;

    Fasync(KernelBase base, Kmalloc kmalloc, Tasks tasks) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.kmalloc = kmalloc;
        this.tasks = tasks;
        this.root = base.root();
    }

    private int lock() {
        return locks.lockIrqSave(RootLayout.FASYNC_LOCK.at(root));
    }

    private void unlock(int flags) {
        locks.unlockIrqRestore(RootLayout.FASYNC_LOCK.at(root), flags);
    }

    /**
     * {@code fasync_helper}: adds a file to a device's list, or removes it. May sleep.
     *
     * @param list address of the word with the list's first address
     * @return 1 if the list has changed, 0 if not, or {@code -ENOMEM}
     */
    public int helper(int descriptor, long file, boolean on, long list) {
        return on ? add(descriptor, file, list) : remove(file, list);
    }

    private int add(int descriptor, long file, long list) {
        long made = kmalloc.kzalloc(SIZE, Gfp.GFP_KERNEL);
        if (made == 0) {
            return -Errno.ENOMEM;
        }
        FILE.set(memory, made, file);
        DESCRIPTOR.set(memory, made, descriptor);
        int flags = lock();
        long link = linkOf(file, list);
        long known = memory.loadAddress(link);
        if (known == 0) {
            memory.storeAddress(link, made);
            FileLayout.FLAGS.set(memory, file, FileLayout.FLAGS.get(memory, file) | Fcntl.FASYNC);
        } else {
            DESCRIPTOR.set(memory, known, descriptor);
        }
        unlock(flags);
        if (known != 0) {
            kmalloc.kfree(made);
        }
        return known == 0 ? 1 : 0;
    }

    private int remove(long file, long list) {
        int flags = lock();
        long link = linkOf(file, list);
        long entry = memory.loadAddress(link);
        if (entry != 0) {
            memory.storeAddress(link, NEXT.get(memory, entry));
            FileLayout.FLAGS.set(memory, file, FileLayout.FLAGS.get(memory, file) & ~Fcntl.FASYNC);
        }
        unlock(flags);
        kmalloc.kfree(entry);
        return entry == 0 ? 0 : 1;
    }

    /** Returns the address of the word that leads to a file's entry, or of the list's last word. */
    private long linkOf(long file, long list) {
        long link = list;
        long entry = memory.loadAddress(link);
        for (int i = 0; entry != 0 && FILE.get(memory, entry) != file && i < MAX_ENTRIES; i++) {
            link = NEXT.at(entry);
            entry = memory.loadAddress(link);
        }
        return link;
    }

    /**
     * {@code kill_fasync}: sends a signal to the programs of a list's files. Any context.
     *
     * @param list   address of the word with the list's first address
     * @param signal {@link Signal#SIGIO}
     */
    public void kill(long list, int signal) {
        if (memory.load32(list) == 0) {
            return;
        }
        int flags = lock();
        long entry = memory.loadAddress(list);
        for (int i = 0; entry != 0 && i < MAX_ENTRIES; i++) {
            int pid = FileLayout.SIGNALLED.get(memory, FILE.get(memory, entry));
            if (pid != 0) {
                tasks.kill(pid, signal);
            }
            entry = NEXT.get(memory, entry);
        }
        unlock(flags);
    }
}
