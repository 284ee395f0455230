package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.vm.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Open directories. Such a file's data is the address of its path, which belongs to it. */
final class Directories {

    private static final int NAME = 19;
    private static final int LONGEST_PATH = 4096;

    private final KernelMemory memory;
    private final Kmalloc kmalloc;
    private final UserMemory user;
    private final FileTree tree;
    private final long operations;

    Directories(KernelBase base, Kmalloc kmalloc, UserMemory user, FileTree tree, TextTable.Module module) {
        this.memory = base.memory();
        this.kmalloc = kmalloc;
        this.user = user;
        this.tree = tree;
        this.operations = module.add("simple_dir_operations", new Directory());
    }

    /** The operations on open directories. */
    long operations() {
        return operations;
    }

    /** Stores a path for a file that is being opened. May sleep. Returns 0 without memory. */
    long store(String path) {
        return kmalloc.kstrdup(path);
    }

    /** Frees the path of a file that could not be opened. */
    void free(long path) {
        kmalloc.kfree(path);
    }

    /** Returns the path of an open directory; null for other files. */
    String path(long file) {
        return FileLayout.OPERATIONS.get(memory, file) != operations ? null
                : memory.loadUtf8(FileLayout.DATA.get(memory, file), LONGEST_PATH);
    }

    /**
     * {@code getdents64}: reads entries from the file's position on, which counts entries.
     *
     * @return the number of bytes; 0 at the end; {@code -EINVAL} if there is no room for one, ENOENT, EFAULT
     */
    int read(long file, long to, int count) {
        List<FileTree.Stat> entries = entries(path(file));
        if (entries == null) {
            return -Errno.ENOENT;
        }
        long position = FileLayout.POSITION.get(memory, file);
        int done = 0;
        int result = 0;
        for (; position < entries.size(); position++) {
            byte[] entry = entry(entries.get((int) position), position + 1);
            if (entry.length > count - done) {
                result = -Errno.EINVAL;
                break;
            }
            if (user.write(to + done, entry, 0, entry.length) != 0) {
                result = -Errno.EFAULT;
                break;
            }
            done += entry.length;
        }
        FileLayout.POSITION.set(memory, file, position);
        return done == 0 ? result : done;
    }

    /** Returns the entries of a directory; null if it is gone since it was opened. */
    private List<FileTree.Stat> entries(String path) {
        FileTree.Stat self = tree.at(path);
        FileTree.Stat parent = tree.at(PathWalk.parent(path));
        List<FileTree.Stat> inside = tree.list(path);
        if (self == null || parent == null || inside == null) {
            return null;
        }
        List<FileTree.Stat> entries = new ArrayList<>(List.of(self.named("."), parent.named("..")));
        entries.addAll(inside);
        return entries;
    }

    /** {@code struct linux_dirent64}: inode, place of the next entry, length, type, name. */
    private static byte[] entry(FileTree.Stat file, long next) {
        byte[] name = file.name().getBytes(StandardCharsets.UTF_8);
        int length = NAME + name.length + 1 + 7 & -8;
        ByteBuffer entry = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        entry.putLong(file.number() & 0xffff_ffffL).putLong(next).putShort((short) length)
                .put((byte) (file.mode() >> 12)).put(name);
        return entry.array();
    }

    private final class Directory implements FileOperations {

        @Override
        public int open(long file) {
            return (FileLayout.MODE.get(memory, file) & Fcntl.FMODE_WRITE) != 0 ? -Errno.EISDIR : 0;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            return -Errno.EISDIR;
        }

        @Override
        public void release(long file) {
            kmalloc.kfree(FileLayout.DATA.get(memory, file));
        }
    }
}
