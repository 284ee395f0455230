package ferrite.kernel.fs;

import static ferrite.kernel.fs.AttributeNodeLayout.ATTRIBUTE;
import static ferrite.kernel.fs.AttributeNodeLayout.DEVICE;
import static ferrite.kernel.fs.AttributeNodeLayout.MODE;
import static ferrite.kernel.fs.AttributeNodeLayout.SHOW;
import static ferrite.kernel.fs.AttributeNodeLayout.STORE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.KernelLog;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.vm.UserMemory;

/** An open file of a device's attribute. Its data is the attribute's node, its private word a page for the text. */
final class AttributeFile implements FileOperations {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int READERS = 0444;
    private static final int WRITERS = 0222;

    private final KernelMemory memory;
    private final UserMemory user;
    private final TextTable text;
    private final KernelLog log;
    private final BuddyAllocator pages;
    private final DeviceAttributes attributes;

    AttributeFile(KernelBase base, UserMemory user, BuddyAllocator pages, DeviceAttributes attributes) {
        this.memory = base.memory();
        this.user = user;
        this.text = base.text();
        this.log = base.log();
        this.pages = pages;
        this.attributes = attributes;
    }

    @Override
    public int open(long file) {
        long node = FileLayout.DATA.get(memory, file);
        int mode = MODE.get(memory, node);
        boolean readable = (mode & READERS) != 0 && SHOW.get(memory, node) != 0;
        boolean writable = (mode & WRITERS) != 0 && STORE.get(memory, node) != 0;
        int wanted = FileLayout.MODE.get(memory, file);
        boolean allowed = (readable || (wanted & Fcntl.FMODE_READ) == 0)
                && (writable || (wanted & Fcntl.FMODE_WRITE) == 0);
        long page = allowed ? pages.getFreePages(Gfp.GFP_KERNEL, 0) : 0;
        FileLayout.PRIVATE.set(memory, file, page);
        return page != 0 ? 0 : allowed ? -Errno.ENOMEM : -Errno.EACCES;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        long page = FileLayout.PRIVATE.get(memory, file);
        if (position == 0) {
            int length = show(FileLayout.DATA.get(memory, file), page);
            FileLayout.PRIVATE_2.set(memory, file, Math.max(length, 0));
            if (length < 0) {
                return length;
            }
        }
        int length = (int) Math.max(0, Math.min(count, FileLayout.PRIVATE_2.get(memory, file) - position));
        return UserMemory.orFault(user.copyToUser(to, page + position, length), length);
    }

    private int show(long node, long page) {
        if (!attributes.begin(node)) {
            return -Errno.ENODEV;
        }
        memory.fill(page, 0, PAGE);
        int length = text.at(SHOW.get(memory, node), ShowAttribute.class)
                .show(DEVICE.get(memory, node), ATTRIBUTE.get(memory, node), page);
        attributes.end(node);
        if (length >= PAGE) {
            log.print("fill_read_buffer: " + text.name(SHOW.get(memory, node)) + " returned bad count");
        }
        return Math.min(length, PAGE - 1);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long node = FileLayout.DATA.get(memory, file);
        long page = FileLayout.PRIVATE.get(memory, file);
        int length = Math.min(count, PAGE - 1);
        if (user.copyFromUser(page, from, length) != 0) {
            return -Errno.EFAULT;
        }
        if (!attributes.begin(node)) {
            return -Errno.ENODEV;
        }
        memory.store8(page + length, 0);
        int result = text.at(STORE.get(memory, node), StoreAttribute.class)
                .store(DEVICE.get(memory, node), ATTRIBUTE.get(memory, node), page, length);
        attributes.end(node);
        return result;
    }

    @Override
    public void release(long file) {
        pages.freePagesAt(FileLayout.PRIVATE.get(memory, file), 0);
        attributes.put(FileLayout.DATA.get(memory, file));
    }
}
