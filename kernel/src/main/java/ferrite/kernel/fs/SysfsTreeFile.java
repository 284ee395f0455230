package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.log.StringTable;
import ferrite.kernel.vm.UserMemory;
import java.nio.charset.StandardCharsets;

/** An open file of a {@link SysfsTree}. Its data is the interned path, which follows {@code /sys}. */
final class SysfsTreeFile implements FileOperations {

    private static final int READERS = 0444;
    private static final int WRITERS = 0222;

    private final KernelMemory memory;
    private final UserMemory user;
    private final Sysfs sysfs;

    SysfsTreeFile(KernelMemory memory, UserMemory user, Sysfs sysfs) {
        this.memory = memory;
        this.user = user;
        this.sysfs = sysfs;
    }

    private Sysfs.Place place(long file) {
        return sysfs.place(StringTable.read(memory, FileLayout.DATA.get(memory, file)));
    }

    @Override
    public int open(long file) {
        Sysfs.Node node = sysfs.find(StringTable.read(memory, FileLayout.DATA.get(memory, file)));
        int permissions = node == null ? 0 : node.mode();
        int wanted = FileLayout.MODE.get(memory, file);
        boolean allowed = ((permissions & READERS) != 0 || (wanted & Fcntl.FMODE_READ) == 0)
                && ((permissions & WRITERS) != 0 || (wanted & Fcntl.FMODE_WRITE) == 0);
        return allowed ? 0 : -Errno.EACCES;
    }

    @Override
    public int read(long file, long to, int count, long position) {
        Sysfs.Place place = place(file);
        String text = place.tree().show(place.path());
        if (text == null) {
            return -Errno.ENODEV;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = (int) Math.max(0, Math.min(count, bytes.length - position));
        return UserMemory.orFault(user.write(to, bytes, length == 0 ? 0 : (int) position, length), length);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        if (count >= AddressSpace.PAGE_SIZE) {
            return -Errno.EINVAL;
        }
        byte[] bytes = new byte[count];
        if (user.read(from, bytes, 0, count) != 0) {
            return -Errno.EFAULT;
        }
        Sysfs.Place place = place(file);
        int result = place.tree().store(place.path(), new String(bytes, StandardCharsets.UTF_8).strip());
        return result < 0 ? result : count;
    }
}
