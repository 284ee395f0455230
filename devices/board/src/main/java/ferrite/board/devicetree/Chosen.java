package ferrite.board.devicetree;

import ferrite.hardware.devicetree.DeviceTreeNode;

/**
 * The node {@code /chosen}, for the program that boots (Devicetree Specification 0.4, section 3.6; Linux's bindings for
 * the initrd).
 *
 * @param bootArguments the program's command line
 * @param initrdStart   physical address of the initial RAM disk
 * @param initrdEnd     the address after its last byte; equal to the start if there is none
 */
public record Chosen(String bootArguments, long initrdStart, long initrdEnd) {

    public static Chosen arguments(String bootArguments) {
        return new Chosen(bootArguments, 0, 0);
    }

    void describe(DeviceTreeNode root, String standardOutput) {
        DeviceTreeNode chosen = root.child("chosen").set("bootargs", bootArguments).set("stdout-path", standardOutput);
        if (initrdEnd > initrdStart) {
            chosen.set("linux,initrd-start", (int) initrdStart).set("linux,initrd-end", (int) initrdEnd);
        }
    }
}
