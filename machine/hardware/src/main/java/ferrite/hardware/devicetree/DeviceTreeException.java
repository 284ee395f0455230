package ferrite.hardware.devicetree;

/** A device tree is not what the Devicetree Specification asks for; the message says where, and what would be right. */
public final class DeviceTreeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public DeviceTreeException(String message) {
        super(message);
    }
}
