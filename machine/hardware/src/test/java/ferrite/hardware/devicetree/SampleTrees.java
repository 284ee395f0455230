package ferrite.hardware.devicetree;

import java.util.List;
import java.util.Random;

/** Device trees for tests. */
final class SampleTrees {
    static final List<Region> RESERVATIONS = List.of(new Region(0x1000, 0x2000), new Region(0xffff_ffff_0000_0000L, 1));

    private SampleTrees() {
    }

    /** Builds a small machine, with an example of every kind of value that the getters decode. */
    static DeviceTreeNode machine() {
        DeviceTreeNode root = DeviceTreeNode.root().set("#address-cells", 1).set("#size-cells", 1)
                .set("model", "Ferrite").set("compatible", "ferrite,board", "ferrite");
        DeviceTreeNode cpus = root.child("cpus").set("#address-cells", 1).set("#size-cells", 0);
        DeviceTreeNode cpu = cpus.child("cpu@0").set("device_type", "cpu").set("reg", 0).set("riscv,isa", "rv32imac");
        cpu.child("interrupt-controller").set("#address-cells", 0)
                .set("#interrupt-cells", 1).set("interrupt-controller")
                .set("compatible", "riscv,cpu-intc").set("phandle", 7);
        root.child("memory@0").set("device_type", "memory").set("reg", 0, 0x4000_0000);
        DeviceTreeNode soc = root.child("soc").set("#address-cells", 1).set("#size-cells", 1)
                .set("compatible", "simple-bus").set("ranges");
        soc.child("disk@f0040000").set("compatible", "ferrite,disk").set("reg", 0xf004_0000, 0x1000, 0xf005_0000, 0x10)
                .set("mac", new byte[] {1, 2, 3, 4, 5});
        return root;
    }

    static DeviceTreeNode random(Random random) {
        DeviceTreeNode root = DeviceTreeNode.root();
        grow(root, random, 1 + random.nextInt(60));
        return root;
    }

    private static void grow(DeviceTreeNode root, Random random, int steps) {
        DeviceTreeNode node = root;
        for (int i = 0; i < steps; i++) {
            node = random.nextInt(3) == 0 ? node.parent().orElse(root) : node;
            if (random.nextBoolean() && node.depth() < DeviceTreeNode.MAX_DEPTH) {
                node = node.child("node" + "x".repeat(random.nextInt(5)) + "@" + i);
            }
            setSomething(node, random);
        }
    }

    private static void setSomething(DeviceTreeNode node, Random random) {
        String property = "p" + random.nextInt(20);
        switch (random.nextInt(4)) {
            case 0 -> node.set(property);
            case 1 -> node.set(property, random.ints(random.nextInt(5)).toArray());
            case 2 -> node.set(property, "a", "", "a string \u00e9");
            default -> {
                byte[] value = new byte[random.nextInt(20)];
                random.nextBytes(value);
                node.set(property, value);
            }
        }
    }
}
