package ferrite.kernel.fs;

import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.vm.UserMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * {@code /sys} (LDD3 chapter 14): {@code /sys/class/CLASS/DEVICE/ATTRIBUTE}, and the directories that higher floors
 * mount.
 */
public final class Sysfs {

    private static final int DIRECTORY = 0755;
    private static final String CLASS = "class";

    private final KernelBase base;
    private final SpinLock locks;
    private final ClassDevices classes;
    private final long attributeOperations;
    private final long treeOperations;
    private final Map<String, SysfsTree> trees = new TreeMap<>();
    private final Map<String, SysfsTree> classTrees = new TreeMap<>();

    /** A file, a directory or a symbolic link. */
    public record Node(String name, boolean isDirectory, int mode) {

        public static Node directory(String name) {
            return new Node(name, true, DIRECTORY);
        }

        public static Node link(String name) {
            return new Node(name, false, FileTree.S_IFLNK | 0777);
        }

        public static Node file(String name, int mode) {
            return new Node(name, false, mode);
        }
    }

    /** A path inside a mounted directory. */
    record Place(SysfsTree tree, List<String> path) { }

    /** The words of an opened file. */
    record Found(long operations, long owner, long data) { }

    Sysfs(KernelBase base, UserMemory user, BuddyAllocator pages, ClassDevices classes, TextTable.Module module) {
        this.base = base;
        this.locks = base.locks();
        this.classes = classes;
        this.attributeOperations = module.add("sysfs_attribute_ops",
                new AttributeFile(base, user, pages, classes.attributes()));
        this.treeOperations = module.add("sysfs_tree_ops", new SysfsTreeFile(base.memory(), user, this));
    }

    /** Adds a directory of {@code /sys}. Called while the kernel's objects are made. */
    public void mount(String name, SysfsTree tree) {
        trees.put(name, tree);
    }

    /** Adds a directory of {@code /sys/class}. Called while the kernel's objects are made. */
    public void mountClass(String name, SysfsTree tree) {
        classTrees.put(name, tree);
    }

    /** Returns the place of a path in a mounted directory; null if it is in none. The path follows {@code /sys}. */
    Place place(String path) {
        List<String> names = List.of(names(path));
        boolean isInClass = names.size() > 1 && names.get(0).equals(CLASS);
        SysfsTree tree = names.isEmpty() ? null : isInClass ? classTrees.get(names.get(1)) : trees.get(names.get(0));
        return tree == null ? null : new Place(tree, names.subList(isInClass ? 2 : 1, names.size()));
    }

    /** Lists a directory, sorted; null if the path, which follows {@code /sys}, is none. Task context. */
    public List<Node> list(String path) {
        Place place = place(path);
        List<Node> nodes = place == null ? listClasses(names(path)) : place.tree().list(place.path());
        if (nodes == null) {
            return null;
        }
        List<Node> sorted = new ArrayList<>(nodes);
        sorted.sort((one, other) -> one.name.compareTo(other.name));
        return sorted;
    }

    private List<Node> listClasses(String[] names) {
        if (names.length == 0) {
            List<String> all = new ArrayList<>(trees.keySet());
            all.add(CLASS);
            return directories(all);
        }
        return !names[0].equals(CLASS) ? null : switch (names.length) {
            case 1 -> directories(classNames());
            case 2 -> directories(withLists(() -> classes.deviceNames(names[1])));
            case 3 -> withLists(() -> classes.attributeNodes(names[1], names[2]));
            default -> null;
        };
    }

    private List<String> classNames() {
        Set<String> all = new TreeSet<>(withLists(classes::classNames));
        all.addAll(classTrees.keySet());
        return List.copyOf(all);
    }

    private static String[] names(String path) {
        return path.isEmpty() ? new String[0] : path.substring(1).split("/", -1);
    }

    private static List<Node> directories(List<String> names) {
        return names == null ? null : names.stream().map(Node::directory).toList();
    }

    /** Reads the lists of classes and devices. */
    private <T> T withLists(Supplier<T> reader) {
        int flags = locks.lockIrqSave(RootLayout.CHAR_DEVICES_LOCK.at(base.root()));
        T result = reader.get();
        locks.unlockIrqRestore(RootLayout.CHAR_DEVICES_LOCK.at(base.root()), flags);
        return result;
    }

    /** Finds a file for {@code open}; null if there is none. The path follows {@code /sys}. */
    Found lookUp(String path) {
        Place place = place(path);
        if (place != null) {
            Node node = find(path);
            return node == null || node.isDirectory || place.tree().target(place.path()) != null ? null
                    : new Found(treeOperations, place.tree().owner(place.path()), base.strings().intern(path));
        }
        String[] names = names(path);
        if (names.length != 4 || !names[0].equals(CLASS)) {
            return null;
        }
        long node = withLists(() -> classes.attribute(names[1], names[2], names[3]));
        return node == 0 ? null : new Found(attributeOperations, ownerOf(node), node);
    }

    /** Gives back a find of {@link #lookUp}, if the file could not be opened. */
    void giveUp(long operations, long data) {
        if (operations == attributeOperations) {
            classes.attributes().put(data);
        }
    }

    private long ownerOf(long node) {
        long show = AttributeNodeLayout.SHOW.get(base.memory(), node);
        return show != 0 ? show : AttributeNodeLayout.STORE.get(base.memory(), node);
    }

    /** Finds the target of a path; null if there is none. The path follows {@code /sys}. Task context. */
    public Node find(String path) {
        int slash = path.lastIndexOf('/');
        if (slash < 0) {
            return Node.directory("sys");
        }
        List<Node> siblings = list(path.substring(0, slash));
        String name = path.substring(slash + 1);
        return siblings == null ? null : siblings.stream().filter(node -> node.name.equals(name)).findFirst()
                .orElse(null);
    }
}
