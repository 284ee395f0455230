package ferrite.hardware.devicetree;

/** Violation of the Devicetree Specification by a device tree. The message says where, and what would be right. */
public final class DeviceTreeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceTreeException(String message) {
        super(message);
    }
}
