package ferrite.kernel.fs;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.vm.UserMemory;
import ferrite.kernel.vm.VmAreaLayout;
import ferrite.kernel.vm.VmFaultLayout;
import ferrite.kernel.vm.VmOperations;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The root file system of {@code --root}: a cpio archive that the board has placed in memory, as Linux's initial RAM
 * disk is. Its files can only be read. A page of a mapped file is copied when a program accesses it first.
 */
public final class RootFs {

    private static final int PAGE = AddressSpace.PAGE_SIZE;
    private static final int S_IFMT = 0170000;
    private static final int S_IFDIR = 0040000;
    private static final int S_IFLNK = 0120000;
    private static final int S_IFREG = 0100000;
    private static final int ANYTHING = 0777;

    private final KernelBase base;
    private final KernelMemory memory;
    private final MemoryManager mm;
    private final UserMemory user;
    private final long fileOperations;
    private final long areaOperations;

    RootFs(KernelBase base, MemoryManager mm, UserMemory user, TextTable.Module module) {
        this.base = base;
        this.memory = base.memory();
        this.mm = mm;
        this.user = user;
        this.fileOperations = module.add("rootfs_file_operations", new RegularFile());
        this.areaOperations = module.add("generic_file_vm_ops", new MappedFile());
    }

    /** Reads the table of an archive between two linear addresses. Boot. */
    public void mount(long start, long end) {
        new CpioArchive(base, mm.vmalloc(), start, end).index();
    }

    /**
     * A file.
     *
     * @param inode the address of its record; 0 for a directory that the archive implies
     * @param mode  type and permissions
     */
    public record Found(long inode, int mode) {

        public boolean isDirectory() {
            return (mode & S_IFMT) == S_IFDIR;
        }

        public boolean isRegular() {
            return (mode & S_IFMT) == S_IFREG;
        }

        boolean isLink() {
            return (mode & S_IFMT) == S_IFLNK;
        }
    }

    /** Takes slashes at the ends and empty or single-dot parts out of a path, and follows its double-dot parts. */
    static String clean(String path) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    static int hash(String path) {
        return hash(path.getBytes(StandardCharsets.UTF_8));
    }

    static int hash(byte[] path) {
        int hash = 17;
        for (byte each : path) {
            hash = 31 * hash + each;
        }
        return hash;
    }

    /**
     * Finds a file by its absolute path, as {@link PathWalk} returns it. A link stands for itself. Returns null if
     * there is no file. Task context.
     */
    public Found find(String path) {
        String name = path.substring(1);
        Found found = name.isEmpty() ? null : exact(name);
        return found != null ? found : impliedDirectory(name);
    }

    /** Returns the target of a link; null if the absolute path leads to no link. Task context. */
    String target(String path) {
        Found found = exact(path.substring(1));
        if (found == null || !found.isLink()) {
            return null;
        }
        byte[] target = new byte[Math.min(InodeLayout.BYTES.get(memory, found.inode), PAGE)];
        memory.read(InodeLayout.DATA.get(memory, found.inode), target, 0, target.length);
        return new String(target, StandardCharsets.UTF_8);
    }

    private Found impliedDirectory(String path) {
        return !path.isEmpty() && children(path).isEmpty() ? null : new Found(0, S_IFDIR | 0755);
    }

    private Found exact(String path) {
        int hash = hash(path);
        long table = RootLayout.ROOTFS.get(memory, base.root());
        int files = RootLayout.ROOTFS_FILES.get(memory, base.root());
        for (int i = 0; i < files; i++) {
            long inode = table + (long) i * InodeLayout.SIZE;
            if (InodeLayout.HASH.get(memory, inode) == hash && path(inode).equals(path)) {
                return new Found(withData(inode, table, files), InodeLayout.MODE.get(memory, inode));
            }
        }
        return null;
    }

    /** Returns the record with the contents, if a file is one of several links. */
    private long withData(long inode, long table, int files) {
        boolean isRegular = (InodeLayout.MODE.get(memory, inode) & S_IFMT) == S_IFREG;
        if (!isRegular || InodeLayout.BYTES.get(memory, inode) != 0) {
            return inode;
        }
        int number = InodeLayout.NUMBER.get(memory, inode);
        for (int i = 0; number != 0 && i < files; i++) {
            long other = table + (long) i * InodeLayout.SIZE;
            if (InodeLayout.NUMBER.get(memory, other) == number && InodeLayout.BYTES.get(memory, other) != 0
                    && (InodeLayout.MODE.get(memory, other) & S_IFMT) == S_IFREG) {
                return other;
            }
        }
        return inode;
    }

    private String path(long inode) {
        return path(memory, inode);
    }

    /** Returns the path of a file, without a slash at either end. */
    String path(ReadableMemory view, long inode) {
        byte[] bytes = new byte[InodeLayout.PATH_LENGTH.get(view, inode)];
        view.read(InodeLayout.PATH.get(view, inode), bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Returns the names in a directory, in the archive's order, and their records: 0 for a folder that the archive
     * implies. None for other paths. Task context.
     */
    Map<String, Long> children(String directory) {
        String prefix = clean(directory).isEmpty() ? "" : clean(directory) + "/";
        long table = RootLayout.ROOTFS.get(memory, base.root());
        int files = RootLayout.ROOTFS_FILES.get(memory, base.root());
        Map<String, Long> children = new LinkedHashMap<>();
        for (int i = 0; i < files; i++) {
            long inode = table + (long) i * InodeLayout.SIZE;
            String path = path(inode);
            if (path.startsWith(prefix) && path.length() > prefix.length()) {
                int slash = path.indexOf('/', prefix.length());
                String name = path.substring(prefix.length(), slash < 0 ? path.length() : slash);
                if (slash < 0 && children.getOrDefault(name, 0L) == 0) {
                    children.put(name, withData(inode, table, files));
                } else {
                    children.putIfAbsent(name, 0L);
                }
            }
        }
        return children;
    }

    /** Returns a regular file's size in bytes. */
    public int size(long inode) {
        return inode == 0 ? 0 : InodeLayout.BYTES.get(memory, inode);
    }

    /** Returns the address of a regular file's contents. They are in the kernel's memory. */
    public long data(long inode) {
        return InodeLayout.DATA.get(memory, inode);
    }

    /** Returns what {@code stat} tells of a file with a record. */
    FileTree.Stat stat(long inode) {
        int mode = InodeLayout.MODE.get(memory, inode);
        return new FileTree.Stat("", (mode & S_IFMT) == S_IFLNK ? S_IFLNK | ANYTHING : mode, size(inode), 0,
                (int) (inode / InodeLayout.SIZE), InodeLayout.MTIME.get(memory, inode));
    }

    /** The text address of the operations on regular files. */
    long operations() {
        return fileOperations;
    }

    /** An open file. Its data is the address of its record. */
    private final class RegularFile implements FileOperations {

        @Override
        public int open(long file) {
            return (FileLayout.MODE.get(memory, file) & Fcntl.FMODE_WRITE) == 0 ? 0 : -Errno.EROFS;
        }

        @Override
        public int read(long file, long to, int count, long position) {
            long inode = FileLayout.DATA.get(memory, file);
            int length = (int) Math.max(0, Math.min(count, RootFs.this.size(inode) - position));
            return UserMemory.orFault(user.copyToUser(to, data(inode) + position, length), length);
        }

        @Override
        public long size(long file) {
            return RootFs.this.size(FileLayout.DATA.get(memory, file));
        }

        @Override
        public int mmap(long file, long area) {
            VmAreaLayout.VM_OPS.set(memory, area, areaOperations);
            return 0;
        }
    }

    /** The pages of a mapped file: {@code filemap_fault}. */
    private final class MappedFile implements VmOperations {

        @Override
        public int fault(long area, long fault) {
            long inode = FileLayout.DATA.get(memory, VmAreaLayout.VM_FILE.get(memory, area));
            long position = VmFaultLayout.PGOFF.get(memory, fault) << AddressSpace.PAGE_SHIFT;
            int left = (int) Math.max(0, Math.min(PAGE, size(inode) - position));
            if (left == 0) {
                return VM_FAULT_SIGBUS;
            }
            long page = mm.pages().allocPages(Gfp.GFP_HIGHUSER | Gfp.__GFP_ZERO, 0);
            if (page == 0) {
                return VM_FAULT_OOM;
            }
            mm.frames().memcpyToPage(memory, page, 0, data(inode) + position, left);
            VmFaultLayout.PAGE.set(memory, fault, page);
            return FAULT_PAGE;
        }
    }
}
