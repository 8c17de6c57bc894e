//! TODO onnx
