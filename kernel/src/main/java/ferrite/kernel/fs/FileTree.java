package ferrite.kernel.fs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tree of all files: {@code /dev}, {@code /proc}, {@code /sys}, and the root file system. Task context; it may
 * sleep.
 */
public final class FileTree {

    public static final int S_IFMT = 0170000;
    public static final int S_IFIFO = 0010000;
    public static final int S_IFCHR = 0020000;
    public static final int S_IFDIR = 0040000;
    public static final int S_IFBLK = 0060000;
    public static final int S_IFREG = 0100000;
    public static final int S_IFLNK = 0120000;

    private static final String DEV = "/dev/";
    private static final String PROC = "/proc/";
    private static final String PROC_NET = "/proc/net";
    private static final String PROC_SELF = "/proc/self";
    private static final String SYS = "/sys";
    private static final String DIRECTORIES = "/dev|/proc|/proc/net|/sys";
    private static final int FOR_READING = 0444;
    private static final int DIRECTORY = S_IFDIR | 0555;

    private final Files files;

    FileTree(Files files) {
        this.files = files;
    }

    /**
     * What {@code stat} tells of a file.
     *
     * @param name   its name in its directory
     * @param mode   its type and permissions
     * @param size   its size in bytes; 0 if it is not known
     * @param rdev   a device's number, or 0
     * @param number the number of its inode, not 0
     * @param mtime  the time of its last change, in seconds since 1970
     */
    public record Stat(String name, int mode, long size, int rdev, int number, int mtime) {

        public boolean isDirectory() {
            return (mode & S_IFMT) == S_IFDIR;
        }

        public boolean isLink() {
            return (mode & S_IFMT) == S_IFLNK;
        }

        Stat named(String newName) {
            return new Stat(newName, mode, size, rdev, number, mtime);
        }
    }

    /** Walks a path. Takes and returns what {@link PathWalk#walk} does. */
    public PathWalk.End walk(String start, String path, boolean follows) {
        return PathWalk.walk(this, start, path, follows);
    }

    /** Returns what is known of a file or a directory; null if there is none. Links are followed. */
    public Stat find(String path) {
        PathWalk.End end = walk("/", path, true);
        return end.error() != 0 ? null : at(end.path());
    }

    /** Returns what is known of the end of a walk; null if its last name is missing. A link stands for itself. */
    public Stat at(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (path.equals("/") || path.matches(DIRECTORIES)) {
            return directory(name, path);
        }
        if (path.equals(PROC_SELF)) {
            return self();
        }
        if (path.startsWith(PROC) && files.proc().isTask(name) && path.lastIndexOf('/') == PROC.length() - 1) {
            return directory(name, path);
        }
        if (isGenerated(path)) {
            List<Stat> siblings = entries(PathWalk.parent(path));
            return siblings == null ? null
                    : siblings.stream().filter(each -> each.name.equals(name)).findFirst().orElse(null);
        }
        RootFs.Found found = files.rootFs().find(path);
        return found == null ? null : inRoot(name, path, found);
    }

    private static Stat self() {
        return new Stat("self", S_IFLNK | 0777, 0, 0, numberOf(PROC_SELF), 0);
    }

    /** Returns the target of a link at the end of a walk; null for other files. */
    public String target(String path) {
        Sysfs.Place place = path.startsWith(SYS + "/") ? files.sysfs().place(path.substring(SYS.length())) : null;
        return path.equals(PROC_SELF) ? Integer.toString(files.proc().pid("self"))
                : place != null ? place.tree().target(place.path())
                : isGenerated(path) || path.matches(DIRECTORIES) ? null : files.rootFs().target(path);
    }

    private static boolean isGenerated(String path) {
        return path.startsWith(DEV) || path.startsWith(PROC) || path.startsWith(SYS + "/");
    }

    /** Returns what is known of an open file that is no directory, pipe or epoll file. */
    Stat ofOpenFile(long operations, long data, int rdev) {
        return operations == files.rootFs().operations() ? files.rootFs().stat(data)
                : rdev != 0 ? new Stat("", kind(operations) | 0666, 0, rdev, rdev, 0)
                : new Stat("", S_IFREG | FOR_READING, 0, 0, (int) (data >>> 2) | 1, 0);
    }

    private int kind(long operations) {
        return operations == files.devices().blockDevices().operations() ? S_IFBLK : S_IFCHR;
    }

    static Stat fifo(long pipe) {
        return new Stat("", S_IFIFO | 0600, 0, 0, (int) (pipe >>> 2), 0);
    }

    /** A file without a type, as Linux's anonymous inode has it. */
    static Stat anonymous(long data) {
        return new Stat("", 0600, 0, 0, (int) (data >>> 2), 0);
    }

    private Stat inRoot(String name, String path, RootFs.Found found) {
        return found.inode() == 0 ? directory(name, path) : files.rootFs().stat(found.inode()).named(name);
    }

    private static Stat directory(String name, String path) {
        return new Stat(name, DIRECTORY, 0, 0, numberOf(path), 0);
    }

    private static Stat text(String name, int mode) {
        return new Stat(name, S_IFREG | mode, 0, 0, numberOf(name), 0);
    }

    private static int numberOf(String path) {
        return RootFs.hash(path) | 1;
    }

    /** Lists a directory; null for other paths. Links on the way to it are followed, and links in it are not. */
    public List<Stat> list(String path) {
        PathWalk.End end = walk("/", path, true);
        return end.error() != 0 ? null : entries(end.path());
    }

    /** Lists a directory at the end of a walk; null for other files. */
    private List<Stat> entries(String path) {
        if (path.equals("/dev")) {
            return files.devices().nodes().stream().map(FileTree::inDev).toList();
        }
        if (path.equals("/proc") || path.equals(PROC_NET)) {
            return inProc(path.substring("/proc".length()));
        }
        if (path.startsWith(PROC)) {
            return !files.proc().isTask(path.substring(PROC.length())) ? null
                    : files.proc().namesOfTasks().stream().map(name -> text(name, FOR_READING)).toList();
        }
        if (path.equals(SYS) || path.startsWith(SYS + "/")) {
            List<Sysfs.Node> nodes = files.sysfs().list(path.substring(SYS.length()));
            return nodes == null ? null : nodes.stream().map(FileTree::inSys).toList();
        }
        return path.startsWith(DEV) ? null : inRoot(path);
    }

    /** @param directory empty, or a slash and the start of the names of the files in a directory of {@code /proc} */
    private List<Stat> inProc(String directory) {
        Map<String, Stat> entries = new TreeMap<>();
        if (directory.isEmpty()) {
            entries.put("self", self());
            files.proc().pids().forEach(pid -> entries.put(pid.toString(), directory(pid.toString(), PROC + pid)));
        }
        for (ProcEntries.Node node : files.proc().nodes()) {
            String name = "/" + node.name();
            if (name.startsWith(directory + "/")) {
                String below = name.substring(directory.length() + 1);
                int slash = below.indexOf('/');
                String entry = slash < 0 ? below : below.substring(0, slash);
                entries.put(entry, slash < 0 ? text(entry, node.mode()) : directory(entry, "/proc/" + entry));
            }
        }
        return List.copyOf(entries.values());
    }

    private static Stat inDev(ClassDevices.Node node) {
        int kind = node.isBlock() ? 0 : S_IFCHR;       // the mode of a block device says so itself
        return new Stat(node.name(), kind | node.mode(), 0, node.dev(), numberOf(node.name()), 0);
    }

    private static Stat inSys(Sysfs.Node node) {
        int kind = (node.mode() & S_IFMT) != 0 ? 0 : node.isDirectory() ? S_IFDIR : S_IFREG;
        return new Stat(node.name(), kind | node.mode(), kind == S_IFREG ? 4096 : 0, 0, numberOf(node.name()), 0);
    }

    private List<Stat> inRoot(String path) {
        RootFs.Found found = files.rootFs().find(path);
        if (found == null || !found.isDirectory()) {
            return null;
        }
        List<Stat> entries = new ArrayList<>();
        if (path.equals("/")) {
            List.of("dev", "proc", "sys").forEach(name -> entries.add(directory(name, "/" + name)));
        }
        files.rootFs().children(path).forEach((name, inode) -> {
            String full = PathWalk.child(path, name);
            if (!full.matches(DIRECTORIES)) {
                entries.add(inode == 0 ? directory(name, full) : files.rootFs().stat(inode).named(name));
            }
        });
        return entries;
    }
}
