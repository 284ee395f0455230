package ferrite.hardware.devicetree;

import static ferrite.hardware.devicetree.FlatTreeBlob.fault;

import java.util.Locale;

/**
 * Reader for the structure block (Devicetree Specification v0.4, section 5.4). It reads token by token, without
 * recursion. Each instance is used once.
 */
final class FlatTreeReader {
    private final FlatTreeBlob blob;
    private final int end;
    private int at;
    private DeviceTreeNode root;

    /** The node whose tokens are being read. It is null before the root begins and after it ends. */
    private DeviceTreeNode node;

    FlatTreeReader(FlatTreeBlob blob) {
        this.blob = blob;
        this.at = blob.structureStart;
        this.end = blob.structureEnd;
    }

    DeviceTreeNode read() {
        while (true) {
            int token = at;
            switch (nextWord("a token")) {
                case FlattenedDeviceTree.FDT_BEGIN_NODE -> beginNode(token);
                case FlattenedDeviceTree.FDT_END_NODE -> endNode(token);
                case FlattenedDeviceTree.FDT_PROP -> property(token);
                case FlattenedDeviceTree.FDT_NOP -> { }
                case FlattenedDeviceTree.FDT_END -> {
                    return finish(token);
                }
                default -> throw fault(token,
                        String.format(Locale.ROOT,
                                "the token is 0x%x; it should be FDT_BEGIN_NODE (1), FDT_END_NODE (2), "
                                        + "FDT_PROP (3), FDT_NOP (4) or FDT_END (9)", blob.word(token)));
            }
        }
    }

    private void beginNode(int token) {
        int nameStart = at;
        String name = blob.stringAt(nameStart, end);
        skip(name.length() + 1);
        node = node == null ? beginRoot(token, name) : beginChild(nameStart, name);
    }

    private DeviceTreeNode beginRoot(int token, String name) {
        if (root != null) {
            throw fault(token, "a second root begins; a tree should have one");
        }
        if (!name.isEmpty()) {
            throw fault(token, "the root has a name; it should be empty");
        }
        root = DeviceTreeNode.root();
        return root;
    }

    private DeviceTreeNode beginChild(int nameStart, String name) {
        blob.requireName(name, nameStart, "node");
        if (node.depth() == DeviceTreeNode.MAX_DEPTH) {
            throw fault(nameStart, "a node is deeper than " + DeviceTreeNode.MAX_DEPTH
                    + " levels, the maximum");
        }
        if (node.hasChild(name)) {
            throw fault(nameStart,
                    "a second child of " + node + " is named " + name + "; names of siblings should differ");
        }
        return node.child(name);
    }

    private void endNode(int token) {
        if (node == null) {
            throw fault(token, "FDT_END_NODE comes where no node is open");
        }
        node = node.parent().orElse(null);
    }

    private void property(int token) {
        int length = nextWord("the length of a property");
        int nameWord = at;
        String name = blob.propertyName(nextWord("the name of a property"), nameWord);
        checkProperty(token, name);
        int valueStart = at;
        if (length < 0 || length > end - valueStart) {
            throw fault(token, "the property " + name + " has " + Integer.toUnsignedString(length)
                    + " bytes, which do not fit into the structure block");
        }
        skip(length);
        node.put(name, blob.copy(valueStart, length));
    }

    private void checkProperty(int token, String name) {
        if (node == null) {
            throw fault(token, "the property " + name + " is outside of any node");
        }
        if (!node.children().isEmpty()) {
            throw fault(token, "the property " + name + " of " + node
                    + " follows a child node; properties should come first");
        }
        if (node.has(name)) {
            throw fault(token, "the property " + name + " of " + node + " appears a second time");
        }
    }

    private DeviceTreeNode finish(int token) {
        if (root == null || node != null) {
            throw fault(token, "FDT_END ends the tree "
                    + (root == null ? "before it has a root" : "inside the node " + node));
        }
        if (at != end) {
            throw fault(token, "FDT_END comes before the end of the structure block; it should be its last token");
        }
        return root;
    }

    private int nextWord(String what) {
        if (end - at < Integer.BYTES) {
            throw fault(at, "the structure block ends where " + what + " should be");
        }
        int word = blob.word(at);
        at += Integer.BYTES;
        return word;
    }

    /**
     * Continues at the next multiple of 4 after this many bytes. The bytes lie inside the block, and its end is a
     * multiple of 4.
     */
    private void skip(int bytes) {
        at += bytes + Integer.BYTES - 1 & -Integer.BYTES;
    }
}
