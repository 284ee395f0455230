package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/**
 * Operations on a file with a text of the kernel's. Opening the file makes its text first and allocates memory for it
 * afterwards, so that a file about memory does not count its own text.
 */
abstract class ProcOperations implements FileOperations {

    private final KernelMemory memory;
    private final UserMemory user;
    private final BuddyAllocator pages;

    ProcOperations(KernelMemory memory, UserMemory user, BuddyAllocator pages) {
        this.memory = memory;
        this.user = user;
        this.pages = pages;
    }

    /** Returns the text of the file with this data; null if the subject of the file is gone. */
    abstract String textOf(long data);

    @Override
    public int open(long file) {
        String text = textOf(FileLayout.DATA.get(memory, file));
        if (text == null) {
            return -Errno.ENOENT;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long buffer = pages.getFreePages(Gfp.GFP_KERNEL, Kmalloc.order(bytes.length));
        if (buffer == 0) {
            return -Errno.ENOMEM;
        }
        memory.write(buffer, bytes, 0, bytes.length);
        FileLayout.PRIVATE.set(memory, file, buffer);
        FileLayout.PRIVATE_2.set(memory, file, bytes.length);
        return 0;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        int size = FileLayout.PRIVATE_2.get(memory, file);
        int length = (int) Math.max(0, Math.min(count, size - position));
        return UserMemory.orFault(user.copyToUser(to, FileLayout.PRIVATE.get(memory, file) + position, length), length);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        return -Errno.EIO;
    }

    @Override
    public void release(long file) {
        pages.freePagesAt(FileLayout.PRIVATE.get(memory, file), Kmalloc.order(FileLayout.PRIVATE_2.get(memory, file)));
    }
}
