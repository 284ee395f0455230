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
 * builds a tree and represents a parsed one (Devicetree Specification v0.4, chapter 2).
 *
 * <pre>{@code
 * DeviceTreeNode root = DeviceTreeNode.root().set("#address-cells", 1).set("#size-cells", 1);
 * root.child("soc").set("#address-cells", 1).set("#size-cells", 1).set("ranges")
 *     .child("disk@f0040000").set("compatible", "ferrite,disk").set("reg", 0xf0040000, 0x1000);
 * }</pre>
 *
 * <p>Property values are bytes, and the getters interpret them. A tree may come from an untrusted source, so a getter
 * throws {@link DeviceTreeException} for a missing or malformed value. A builder method throws {@link
 * IllegalArgumentException} for a bad name. Not safe for use by several threads while it is being built.
 */
public final class DeviceTreeNode {
    /** Maximum number of levels in a tree, including the root's. It bounds every recursion over a tree. */
    public static final int MAX_DEPTH = 32;

    /** Defaults for a parent without these properties (Devicetree Specification v0.4, section 2.3.5). */
    private static final int DEFAULT_ADDRESS_CELLS = 2;
    private static final int DEFAULT_SIZE_CELLS = 1;
    private static final int MAX_CELLS_OF_A_NUMBER = 2;

    private final String name;
    private final DeviceTreeNode parent;
    private final int depth;
    private final Map<String, byte[]> properties = new LinkedHashMap<>();
    private final Map<String, DeviceTreeNode> children = new LinkedHashMap<>();

    /** At the root: a cache of the tree's phandles, or null if it must be rebuilt. */
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

    /** Adds and returns a child. Its name includes the unit address, as in {@code disk@f0040000}. */
    public DeviceTreeNode child(String childName) {
        requireName("node", childName);
        if (depth == MAX_DEPTH) {
            throw new IllegalArgumentException(path() + " is at level " + MAX_DEPTH
                    + " of the device tree, the maximum; it cannot have the child " + childName + ".");
        }
        DeviceTreeNode child = new DeviceTreeNode(childName, this);
        if (children.putIfAbsent(childName, child) != null) {
            throw new IllegalArgumentException(path() + " already has a child named " + childName
                    + "; names of siblings must differ.");
        }
        return child;
    }

    /** Sets an empty property, such as {@code dma-coherent}. Only its presence has a meaning. */
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

    /** Sets a property to this very array. It must not change afterwards. */
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

    /** Returns the name with its unit address. The root's name is empty. */
    public String name() {
        return name;
    }

    /** Returns the parent, or empty for the root. */
    public Optional<DeviceTreeNode> parent() {
        return Optional.ofNullable(parent);
    }

    /** Returns the children in order, as an unmodifiable view. */
    public Collection<DeviceTreeNode> children() {
        return Collections.unmodifiableCollection(children.values());
    }

    /** Returns the names of the properties in order, as an unmodifiable view. */
    public Set<String> propertyNames() {
        return Collections.unmodifiableSet(properties.keySet());
    }

    /** Returns the absolute path, such as {@code /soc/disk@f0040000}, or {@code /} for the root. */
    public String path() {
        if (parent == null) {
            return "/";
        }
        return parent.parent == null ? "/" + name : parent.path() + "/" + name;
    }

    /** Tells whether the node has the property, empty or not. */
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

    /** Returns the only 32-bit cell of the property. */
    public int cell(String property) {
        int[] cells = cells(property);
        if (cells.length != 1) {
            throw fault(property, "has " + cells.length + " cells; it should have exactly one");
        }
        return cells[0];
    }

    /** Returns the first string of the property. */
    public String string(String property) {
        return strings(property).get(0);
    }

    /** Returns the property's strings, at least one. */
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

    /**
     * Tells whether the list of strings {@code compatible} contains this one (section 2.3.1). It is false without the
     * list.
     */
    public boolean isCompatible(String with) {
        return has("compatible") && strings("compatible").contains(with);
    }

    /**
     * Decodes {@code reg} (section 2.3.6) with the {@code #address-cells} and {@code #size-cells} of the parent. The
     * addresses are in the parent's address space. The caller applies {@code ranges}.
     *
     * @return the regions in order, or none without {@code reg}. A size is 0 if the parent's {@code #size-cells} is 0.
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
                    String.format(Locale.ROOT,
                            "is 0x%x, so reg of %s cannot be decoded; it should be 0, 1 or 2", count, path()));
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
     * Finds a node by its absolute path, from any node of the tree. A step without a unit address ({@code /soc/disk})
     * finds the first child of that name, with any unit address.
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

    /** Finds the node with this {@code phandle} in the whole tree (section 2.3.3), or the first of several. */
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

    /** Returns the property's own array. The caller must not change it. */
    byte[] sharedProperty(String property) {
        return properties.get(property);
    }

    @Override
    public String toString() {
        return path();
    }
}
