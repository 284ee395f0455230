package ferrite.kernel.fs;

import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.BuddyAllocator;
import ferrite.kernel.vm.UserMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * {@code /sys}: {@code /sys/class/CLASS/DEVICE/ATTRIBUTE} and {@code /sys/module/NAME/parameters/PARAMETER} (LDD3
 * chapter 14).
 */
public final class Sysfs {

    private static final int DIRECTORY = 0755;

    private final KernelBase base;
    private final UserMemory user;
    private final SpinLock locks;
    private final ClassDevices classes;
    private final TextTable.Module module;
    private final long attributeOperations;
    private ModuleParameters parameters;
    private long parameterOperations;

    /** A file or a directory. */
    public record Node(String name, boolean isDirectory, int mode) {

        static Node directory(String name) {
            return new Node(name, true, DIRECTORY);
        }
    }

    /** The words of an opened file. */
    record Found(long operations, long owner, long data) { }

    Sysfs(KernelBase base, UserMemory user, BuddyAllocator pages, ClassDevices classes, TextTable.Module module) {
        this.base = base;
        this.user = user;
        this.locks = base.locks();
        this.classes = classes;
        this.module = module;
        this.attributeOperations = module.add("sysfs_attribute_ops",
                new AttributeFile(base, user, pages, classes.attributes()));
    }

    /** Sets the parameters of drivers. Called once, while the kernel's objects are made. */
    public void setParameters(ModuleParameters source) {
        parameters = source;
        parameterOperations = module.add("sysfs_parameter_ops", new ParameterFile(base.memory(), user, source));
    }

    /** Lists a directory, sorted; null if the path, which follows {@code /sys}, is none. Task context. */
    public List<Node> list(String path) {
        String[] names = names(path);
        List<Node> nodes = switch (names.length) {
            case 0 -> List.of(Node.directory("class"), Node.directory("module"));
            case 1 -> names[0].equals("class") ? directories(withLists(classes::classNames))
                    : names[0].equals("module") ? directories(parameters.modules()) : null;
            case 2 -> names[0].equals("class") ? directories(withLists(() -> classes.deviceNames(names[1])))
                    : hasParameters(names) ? List.of(Node.directory("parameters")) : null;
            case 3 -> names[0].equals("class") ? withLists(() -> classes.attributeNodes(names[1], names[2]))
                    : hasParameters(names) && names[2].equals("parameters") ? parameters.parameters(names[1]) : null;
            default -> null;
        };
        if (nodes == null) {
            return null;
        }
        List<Node> sorted = new ArrayList<>(nodes);
        sorted.sort((one, other) -> one.name.compareTo(other.name));
        return sorted;
    }

    private boolean hasParameters(String[] names) {
        return names[0].equals("module") && parameters.modules().contains(names[1]);
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
        String[] names = names(path);
        if (names.length != 4) {
            return null;
        }
        if (names[0].equals("class")) {
            long node = withLists(() -> classes.attribute(names[1], names[2], names[3]));
            return node == 0 ? null : new Found(attributeOperations, ownerOf(node), node);
        }
        boolean exists = hasParameters(names) && names[2].equals("parameters")
                && parameters.parameters(names[1]).stream().anyMatch(each -> each.name().equals(names[3]));
        return exists ? new Found(parameterOperations, parameters.textOf(names[1]),
                base.strings().intern(names[1] + "/" + names[3])) : null;
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
