package ferrite.hardware.devicetree;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node of a device tree: a name, properties and children, both in the order in which they were added. The same class
 * is used to build a tree and to read a parsed one (Devicetree Specification v0.4, chapter 2).
 *
 * <pre>{@code
 * DeviceTreeNode root = DeviceTreeNode.root().set("#address-cells", 1).set("#size-cells", 1);
 * root.child("soc").set("#address-cells", 1).set("#size-cells", 1).set("ranges")
 *     .child("disk@f0040000").set("compatible", "ferrite,disk").set("reg", 0xf0040000, 0x1000);
 * }</pre>
 *
 * <p>Property values are bytes; the getters interpret them. A tree may come from outside, so a getter whose value is
 * missing or has the wrong shape throws {@link DeviceTreeException}. A builder that is given a bad name throws
 * {@link IllegalArgumentException}. Not safe for use by several threads while it is being built.
 */
public final class DeviceTreeNode {
    /** How many levels a tree may have, the root's included. It bounds every recursion over a tree. */
    public static final int MAX_DEPTH = 32;

    /** Devicetree Specification v0.4, section 2.3.5: what a parent means that does not say. */
    private static final int DEFAULT_ADDRESS_CELLS = 2;
    private static final int DEFAULT_SIZE_CELLS = 1;
    private static final int MAX_CELLS_OF_A_NUMBER = 2;

    private final String name;
    private final DeviceTreeNode parent;
    private final int depth;
    private final Map<String, byte[]> properties = new LinkedHashMap<>();
    private final Map<String, DeviceTreeNode> children = new LinkedHashMap<>();

    /** At the root: a cache of the tree's phandles, null when it has to be rebuilt. */
    private Map<Integer, DeviceTreeNode> byPhandle;

    private DeviceTreeNode(String name, DeviceTreeNode parent) {
        this.name = name;
        this.parent = parent;
        this.depth = parent == null ? 1 : parent.depth + 1;
    }

    /** Returns the root of a new tree. Its name is empty. */
    public static DeviceTreeNode root() {
        return new DeviceTreeNode("", null);
    }

    /** Adds a child, whose name includes its unit address (as in {@code disk@f0040000}), and returns it. */
    public DeviceTreeNode child(String childName) {
        requireName("node", childName);
        if (depth == MAX_DEPTH) {
            throw new IllegalArgumentException(path() + " is at level " + MAX_DEPTH
                    + " of the device tree, the deepest that is allowed; it cannot have the child " + childName + ".");
        }
        DeviceTreeNode child = new DeviceTreeNode(childName, this);
        if (children.putIfAbsent(childName, child) != null) {
            throw new IllegalArgumentException(path() + " already has a child named " + childName
                    + "; names of siblings must differ.");
        }
        return child;
    }

    /** Sets an empty property, which says something by being there, as {@code dma-coherent} does. */
    public DeviceTreeNode set(String property) {
        return put(property, new byte[0]);
    }

    /** Sets a property to 32-bit big-endian cells. */
    public DeviceTreeNode set(String property, int... cells) {
        ByteBuffer value = ByteBuffer.allocate(Integer.BYTES * cells.length);
        value.asIntBuffer().put(cells);
        return put(property, value.array());
    }

    /** Sets a property to a list of strings, each with its terminating zero. */
    public DeviceTreeNode set(String property, String... strings) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (String string : strings) {
            if (string.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("A string of property " + property + " of " + path()
                        + " contains the character 0, which would end it.");
            }
            value.writeBytes(string.getBytes(StandardCharsets.UTF_8));
            value.write(0);
        }
        return put(property, value.toByteArray());
    }

    /** Sets a property to a copy of these bytes. */
    public DeviceTreeNode set(String property, byte[] value) {
        return put(property, value.clone());
    }

    /** Sets a property to these very bytes, which nobody changes from now on. */
    DeviceTreeNode put(String property, byte[] value) {
        requireName("property", property);
        properties.put(property, value);
        if (property.equals("phandle")) {
            top().byPhandle = null;
        }
        return this;
    }

    private void requireName(String kind, String candidate) {
        String fault = DeviceTreeNames.faultOf(candidate);
        if (fault != null) {
            throw new IllegalArgumentException("'" + candidate + "' cannot name a " + kind + " in " + path() + ": "
                    + fault + ".");
        }
    }

    /** The name with its unit address; empty for the root. */
    public String name() {
        return name;
    }

    /** The parent, or empty for the root. */
    public Optional<DeviceTreeNode> parent() {
        return Optional.ofNullable(parent);
    }

    /** The children, in order; a view that cannot be changed. */
    public Collection<DeviceTreeNode> children() {
        return Collections.unmodifiableCollection(children.values());
    }

    /** The names of the properties, in order; a view that cannot be changed. */
    public Set<String> propertyNames() {
        return Collections.unmodifiableSet(properties.keySet());
    }

    /** The absolute path, as in {@code /soc/disk@f0040000}; {@code /} for the root. */
    public String path() {
        if (parent == null) {
            return "/";
        }
        return parent.parent == null ? "/" + name : parent.path() + "/" + name;
    }

    /** Whether the property is there, empty or not. */
    public boolean has(String property) {
        return properties.containsKey(property);
    }

    /** Returns a copy of the property's bytes, or null if it is absent. */
    public byte[] property(String property) {
        byte[] value = properties.get(property);
        return value == null ? null : value.clone();
    }

    /** Returns the property's 32-bit cells. */
    public int[] cells(String property) {
        byte[] value = required(property);
        if (value.length % Integer.BYTES != 0) {
            throw fault(property, "has " + value.length + " bytes; a list of cells has a multiple of 4");
        }
        int[] cells = new int[value.length / Integer.BYTES];
        ByteBuffer.wrap(value).asIntBuffer().get(cells);
        return cells;
    }

    /** Returns the property's one 32-bit cell. */
    public int cell(String property) {
        int[] cells = cells(property);
        if (cells.length != 1) {
            throw fault(property, "has " + cells.length + " cells; it should have exactly one");
        }
        return cells[0];
    }

    /** Returns the first of the property's strings. */
    public String string(String property) {
        return strings(property).get(0);
    }

    /** Returns the property's strings, of which there is at least one. */
    public List<String> strings(String property) {
        byte[] value = required(property);
        if (value.length == 0 || value[value.length - 1] != 0) {
            throw fault(property, "does not end with a zero byte, as a list of strings does");
        }
        List<String> strings = new ArrayList<>();
        for (int start = 0, end = 0; end < value.length; end++) {
            if (value[end] == 0) {
                strings.add(new String(value, start, end - start, StandardCharsets.UTF_8));
                start = end + 1;
            }
        }
        return strings;
    }

    /** Whether the list of strings {@code compatible} contains this one (section 2.3.1); false where there is no list. */
    public boolean isCompatible(String with) {
        return has("compatible") && strings("compatible").contains(with);
    }

    /**
     * Decodes {@code reg} (section 2.3.6) with the {@code #address-cells} and {@code #size-cells} of the parent.
     * Addresses are the parent's: where it translates them ({@code ranges}), that is left to the caller.
     *
     * @return the regions, in order; none where there is no {@code reg}. A size is 0 where the parent's sizes have no cells.
     */
    public List<Region> regions() {
        if (!has("reg")) {
            return List.of();
        }
        int addressCells = cellsOfParent("#address-cells", DEFAULT_ADDRESS_CELLS);
        int sizeCells = cellsOfParent("#size-cells", DEFAULT_SIZE_CELLS);
        int[] cells = cells("reg");
        int perRegion = addressCells + sizeCells;
        if (perRegion == 0 ? cells.length > 0 : cells.length % perRegion != 0) {
            throw fault("reg", "has " + cells.length
                    + " cells; its parent's #address-cells and #size-cells ask for a multiple of " + perRegion);
        }
        List<Region> regions = new ArrayList<>();
        for (int at = 0; at < cells.length; at += perRegion) {
            regions.add(new Region(number(cells, at, addressCells), number(cells, at + addressCells, sizeCells)));
        }
        return regions;
    }

    private int cellsOfParent(String property, int byDefault) {
        if (parent == null || !parent.has(property)) {
            return byDefault;
        }
        int count = parent.cell(property);
        if (count < 0 || count > MAX_CELLS_OF_A_NUMBER) {
            throw parent.fault(property,
                    String.format(Locale.ROOT, "is 0x%x, so reg of %s cannot be decoded; it should be 0, 1 or 2", count, path()));
        }
        return count;
    }

    private static long number(int[] cells, int at, int count) {
        long number = 0;
        for (int i = 0; i < count; i++) {
            number = number << Integer.SIZE | Integer.toUnsignedLong(cells[at + i]);
        }
        return number;
    }

    /**
     * Finds a node by its absolute path, from whichever node of the tree it is asked. A step without a unit address
     * ({@code /soc/disk}) finds the first child of that name, whatever its unit address.
     */
    public Optional<DeviceTreeNode> find(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("'" + path + "' is not the path of a node; a path starts with '/'.");
        }
        DeviceTreeNode node = top();
        for (String step : path.substring(1).split("/")) {
            node = step.isEmpty() ? node : node.childNamed(step);
            if (node == null) {
                return Optional.empty();
            }
        }
        return Optional.of(node);
    }

    private DeviceTreeNode childNamed(String step) {
        DeviceTreeNode exact = children.get(step);
        if (exact != null || step.indexOf('@') >= 0) {
            return exact;
        }
        String prefix = step + "@";
        return children.values().stream().filter(child -> child.name.startsWith(prefix)).findFirst().orElse(null);
    }

    /** Finds the node of the whole tree whose {@code phandle} this is (section 2.3.3); the first if there are several. */
    public Optional<DeviceTreeNode> findByPhandle(int phandle) {
        DeviceTreeNode top = top();
        if (top.byPhandle == null) {
            Map<Integer, DeviceTreeNode> index = new HashMap<>();
            top.collectPhandles(index);
            top.byPhandle = index;
        }
        return Optional.ofNullable(top.byPhandle.get(phandle));
    }

    private void collectPhandles(Map<Integer, DeviceTreeNode> index) {
        if (has("phandle")) {
            index.putIfAbsent(cell("phandle"), this);
        }
        children.values().forEach(child -> child.collectPhandles(index));
    }

    private DeviceTreeNode top() {
        DeviceTreeNode node = this;
        while (node.parent != null) {
            node = node.parent;
        }
        return node;
    }

    private byte[] required(String property) {
        byte[] value = properties.get(property);
        if (value == null) {
            throw new DeviceTreeException("The node " + path() + " of the device tree has no property " + property
                    + ", which it needs.");
        }
        return value;
    }

    private DeviceTreeException fault(String property, String what) {
        return new DeviceTreeException("The property " + property + " of the node " + path() + " of the device tree "
                + what + ".");
    }

    int depth() {
        return depth;
    }

    boolean hasChild(String childName) {
        return children.containsKey(childName);
    }

    /** The property's bytes themselves, for a reader that does not change them. */
    byte[] sharedProperty(String property) {
        return properties.get(property);
    }

    @Override
    public String toString() {
        return path();
    }
}
