package ferrite.hardware.model;

/** A declaration or a call of a model that cannot be right. The message is a sentence that names the device. */
public final class ModelException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public ModelException(String message) {
        super(message);
    }
}
