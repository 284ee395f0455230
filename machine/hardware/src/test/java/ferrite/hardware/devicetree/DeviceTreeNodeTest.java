package ferrite.hardware.devicetree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class DeviceTreeNodeTest {
    private final DeviceTreeNode root = SampleTrees.machine();
    private final DeviceTreeNode disk = root.find("/soc/disk@f0040000").orElseThrow();

    @Test
    void aPathLeadsToItsNodeFromAnywhereInTheTree() {
        assertThat(root.find("/")).containsSame(root);
        assertThat(disk.path()).isEqualTo("/soc/disk@f0040000");
        assertThat(disk.find("/cpus/cpu@0").orElseThrow().name()).isEqualTo("cpu@0");
        assertThat(root.find("/soc/disk@0")).isEmpty();
        assertThat(root.find("/disk@f0040000")).isEmpty();
    }

    @Test
    void aStepWithoutAUnitAddressFindsTheFirstChildOfThatName() {
        assertThat(root.find("/soc/disk")).containsSame(disk);
        assertThat(root.find("/soc/dis")).isEmpty();
    }

    @Test
    void aPropertyIsReadBackAsItWasSet() {
        assertThat(root.strings("compatible")).containsExactly("ferrite,board", "ferrite");
        assertThat(root.string("model")).isEqualTo("Ferrite");
        assertThat(disk.property("mac")).containsExactly(1, 2, 3, 4, 5);
        assertThat(root.find("/memory@0").orElseThrow().cells("reg")).containsExactly(0, 0x4000_0000);
        assertThat(root.find("/soc").orElseThrow().property("ranges")).isEmpty();
        assertThat(disk.property("ranges")).isNull();
        assertThat(disk.has("ranges")).isFalse();
    }

    @Test
    void aNodeIsCompatibleWithEveryStringOfItsList() {
        assertThat(root.isCompatible("ferrite")).isTrue();
        assertThat(root.isCompatible("ferrite,board")).isTrue();
        assertThat(root.isCompatible("board")).isFalse();
        assertThat(root.find("/cpus").orElseThrow().isCompatible("ferrite")).isFalse();
    }

    @Test
    void regIsDecodedWithTheCellsOfTheParent() {
        assertThat(disk.regions()).containsExactly(new Region(0xf004_0000L, 0x1000), new Region(0xf005_0000L, 0x10));
        assertThat(root.find("/cpus/cpu").orElseThrow().regions()).containsExactly(new Region(0, 0));
        assertThat(root.find("/cpus").orElseThrow().regions()).isEmpty();
    }

    @Test
    void aParentThatDoesNotSayHasTwoAddressCellsAndOneSizeCell() {
        DeviceTreeNode node = DeviceTreeNode.root().child("memory").set("reg", 0x8000_0000, 2, 3);

        assertThat(node.regions()).containsExactly(new Region(0x8000_0000_0000_0002L, 3));
    }

    @Test
    void regThatDoesNotFitTheParentsCellsIsAClearError() {
        disk.set("reg", 1, 2, 3);
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(disk::regions)
                .withMessage(
                        "The property reg of the node /soc/disk@f0040000 of the device tree has 3 cells; its parent's "
                                + "#address-cells and #size-cells ask for a multiple of 2.");

        root.find("/soc").orElseThrow().set("#size-cells", 0x7fff_ffff);
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(disk::regions)
                .withMessageContaining("should be 0, 1 or 2");
    }

    @Test
    void aPropertyOfTheWrongShapeIsAClearError() {
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> disk.cells("mac"))
                .withMessageContaining("has 5 bytes");
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> disk.strings("mac"))
                .withMessageContaining("zero byte");
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> disk.cell("reg"))
                .withMessageContaining("exactly one");
        assertThatExceptionOfType(DeviceTreeException.class).isThrownBy(() -> disk.string("label"))
                .withMessageContaining("no property label");
    }

    @Test
    void aPhandleLeadsToItsNodeAlsoAfterItHasChanged() {
        DeviceTreeNode controller = root.find("/cpus/cpu/interrupt-controller").orElseThrow();

        assertThat(disk.findByPhandle(7)).containsSame(controller);
        assertThat(root.findByPhandle(8)).isEmpty();
        controller.set("phandle", 8);
        assertThat(root.findByPhandle(7)).isEmpty();
        assertThat(root.findByPhandle(8)).containsSame(controller);
    }

    @Test
    void namesThatWouldMakeAPathAmbiguousAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> root.child("a/b"));
        assertThatIllegalArgumentException().isThrownBy(() -> root.child(""));
        assertThatIllegalArgumentException().isThrownBy(() -> root.child("soc"));
        assertThatIllegalArgumentException().isThrownBy(() -> root.set("a b"));
        assertThatIllegalArgumentException().isThrownBy(() -> root.set("x".repeat(256)));
        assertThatIllegalArgumentException().isThrownBy(() -> root.set("s", "a\0b"));
    }

    @Test
    void aTreeHasAtMostThirtyTwoLevels() {
        DeviceTreeNode node = DeviceTreeNode.root();
        for (int level = 2; level <= DeviceTreeNode.MAX_DEPTH; level++) {
            node = node.child("n");
        }
        DeviceTreeNode deepest = node;
        assertThatIllegalArgumentException().isThrownBy(() -> deepest.child("n")).withMessageContaining("level 32");
    }

    @Test
    void aCallerCannotChangeAPropertyThroughTheBytesItWasGiven() {
        disk.property("mac")[0] = 99;

        assertThat(disk.property("mac")).startsWith(1);
    }
}
