package ferrite.debugport.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * An answer to a request that is not served.
 *
 * @param closes whether the connection ends after it, because the rest of its input cannot be trusted
 */
record Refusal(HttpResponseStatus status, String sentence, boolean closes) {

    static Refusal closing(HttpResponseStatus status, String sentence) {
        return new Refusal(status, sentence, true);
    }

    static Refusal of(HttpResponseStatus status, String sentence) {
        return new Refusal(status, sentence, false);
    }
}
